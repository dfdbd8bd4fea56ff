// Describes what `mvccw history -w json` prints: a line for each record.

import { BYTES, COUNT, lineSchema, TEXT } from '../formats/inspection-line.js';
import { DECODED_SCHEMA } from '../kube/decoded-schema.js';

const REVISION = { type: 'object', required: ['main', 'sub'], properties: { main: COUNT, sub: COUNT } };
const LEASE = { type: 'integer' };

const KV = {
  type: 'object',
  required: ['key'],
  description: 'the record, as in the JSON of etcdctl: zero fields are left out',
  properties: {
    key: BYTES,
    create_revision: COUNT,
    mod_revision: COUNT,
    version: COUNT,
    value: BYTES,
    lease: LEASE,
    decoded: DECODED_SCHEMA,
  },
};

const BEFORE = {
  type: 'object',
  required: ['is'],
  description: 'the record before: a put, the deletion that ended the last life, nothing, or a put that is compacted',
  properties: {
    is: { enum: ['record', 'tombstone', 'nothing', 'compacted'] },
    revision: REVISION,
    size: COUNT,
    lease: LEASE,
  },
};

const LINE = {
  type: 'object',
  required: ['is', 'text'],
  properties: { is: { enum: ['added', 'removed'] }, text: TEXT },
};

const FIELD = {
  type: 'object',
  required: ['path'],
  properties: {
    path: TEXT,
    before: { ...TEXT, description: 'absent: the field was not there' },
    after: { ...TEXT, description: 'absent: the field is not there any more' },
  },
};

const DIGEST = {
  oneOf: [
    { type: 'object', required: ['size', 'sha256'], properties: { size: COUNT, sha256: TEXT } },
    { ...TEXT, description: 'what may be told of a secret' },
  ],
};

const CHANGE = {
  type: 'object',
  required: ['by'],
  description: 'what a put has changed in the value of the put before',
  properties: {
    by: { enum: ['nothing', 'fields', 'lines', 'bytes', 'values'], description: 'what the values were compared by' },
    added: COUNT,
    removed: COUNT,
    fields: { type: 'array', items: FIELD, description: 'left out with --stat' },
    lines: { type: 'array', items: LINE, description: 'left out with --stat' },
    before: DIGEST,
    after: DIGEST,
  },
};

export const HISTORY_LINES = [
  lineSchema(
    'revision',
    'history: one put or deletion of a key',
    {
      revision: REVISION,
      type: { enum: ['PUT', 'DELETE'] },
      kv: KV,
      generation: {
        ...COUNT,
        description: 'the number of the life among those of which something is retained, from 1',
      },
      size: { ...COUNT, description: 'the bytes of the value' },
      before: BEFORE,
    },
    { change: CHANGE },
  ),
];
