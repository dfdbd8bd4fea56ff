// Describes what `mvccw diff -w json` prints: a line for each key or prefix, one for the histories, and one for the whole.

import { COMMITTED_PROPERTY } from '../committed.js';
import { BYTES, COUNT, lineSchema, TEXT } from '../formats/inspection-line.js';
import { CHANGE_SCHEMA } from '../history/change-json.js';
import { DECODED_SCHEMA } from '../kube/decoded-schema.js';
import { ORIGIN_PROPERTIES } from '../origin.js';

const REVISION = { type: 'integer', minimum: -1 };
const SAME = { type: 'boolean' };

const RECORD = {
  type: 'object',
  required: ['create_revision', 'mod_revision', 'version'],
  properties: {
    create_revision: COUNT,
    mod_revision: COUNT,
    version: COUNT,
    lease: { type: 'integer' },
    value: { ...BYTES, description: 'absent where it is empty, or something in it is secret' },
    decoded: DECODED_SCHEMA,
    ...ORIGIN_PROPERTIES,
  },
};

const two = (items: object, description: string) => ({ type: 'array', items, minItems: 2, maxItems: 2, description });

const EVENT = {
  type: ['object', 'null'],
  required: ['type'],
  properties: { type: { enum: ['PUT', 'DELETE'] }, key: BYTES, ...RECORD.properties },
};

export const DIFF_LINES = [
  lineSchema(
    'change',
    'diff: a key that differs',
    { change: { enum: ['added', 'removed', 'changed'] }, key: BYTES },
    {
      valueChange: { ...CHANGE_SCHEMA, description: 'what changed in the value of a key that both have' },
      a: { ...RECORD, description: 'what the first side has; absent if it has no such key' },
      b: { ...RECORD, description: 'what the second side has; absent if it has no such key' },
    },
  ),
  lineSchema('prefixChange', 'diff --stat: the keys that differ under a prefix', {
    prefix: BYTES,
    added: COUNT,
    removed: COUNT,
    changed: COUNT,
    bytes: two(COUNT, 'the bytes of these keys and of their values, on each side'),
  }),
  lineSchema(
    'histories',
    'diff of two backends: whether they have one history, up to the highest revision that both have',
    { comparable: { type: 'boolean', description: 'whether there is a revision that both can be read at' } },
    {
      commonRev: { ...COUNT, description: 'the highest revision that both have' },
      compactRev: { ...REVISION, description: 'the higher compact revision: both are read as if compacted there' },
      hashes: two(COUNT, 'hashKV of each at commonRev, with that compact revision'),
      same: SAME,
      parting: {
        type: 'object',
        description: 'the first change that differs',
        required: ['revision', 'events'],
        properties: {
          revision: { type: 'object', required: ['main', 'sub'], properties: { main: COUNT, sub: COUNT } },
          events: two(EVENT, 'what each side has at that revision, or null'),
        },
      },
    },
  ),
  lineSchema('diff', 'diff: the last line', {
    same: SAME,
    added: COUNT,
    removed: COUNT,
    changed: COUNT,
    unchanged: COUNT,
    sides: two(
      {
        type: 'object',
        required: ['path', 'rev', 'currentRev', 'compactRev', 'keys'],
        properties: {
          path: TEXT,
          rev: COUNT,
          ...COMMITTED_PROPERTY,
          currentRev: COUNT,
          compactRev: REVISION,
          keys: COUNT,
        },
      },
      'what was compared: a path, its window, the revision, and how many keys there are',
    ),
  }),
];
