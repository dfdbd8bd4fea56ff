// Describes what `mvccw history -w json` prints: a line for each record.

import { COMMITTED_PROPERTY } from '../committed.js';
import { BYTES, COUNT, lineSchema } from '../formats/inspection-line.js';
import { DECODED_SCHEMA } from '../kube/decoded-schema.js';
import { ORIGIN_PROPERTIES } from '../origin.js';
import { CHANGE_SCHEMA } from './change-json.js';

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
    {
      livesFrom: {
        ...COUNT,
        description: 'lives that ended before this revision are compacted, and not counted; absent: all are counted',
      },
      change: { ...CHANGE_SCHEMA, description: 'what a put has changed in the value of the put before' },
      ...COMMITTED_PROPERTY,
      ...ORIGIN_PROPERTIES,
    },
  ),
];
