// Describes what `mvccw blame -w json` prints: a line for each record.

import { COMMITTED_PROPERTY } from '../committed.js';
import { BYTES, COUNT, lineSchema, TEXT } from '../formats/inspection-line.js';
import { MANAGERS } from '../kube/decoded-schema.js';
import { ORIGIN_PROPERTIES, PROPOSER_PROPERTIES } from '../origin.js';

const REVISION = { type: 'object', required: ['main', 'sub'], properties: { main: COUNT, sub: COUNT } };

export const BLAME_LINES = [
  lineSchema(
    'blame',
    'blame: who wrote one put or deletion of a key; without origin and originOneOf, no entry of a log is known for it',
    {
      revision: REVISION,
      type: { enum: ['PUT', 'DELETE'] },
      key: BYTES,
    },
    {
      ...COMMITTED_PROPERTY,
      ...ORIGIN_PROPERTIES,
      writers: {
        type: 'object',
        description: 'who wrote an object of Kubernetes, by its managedFields',
        required: ['by', 'managers'],
        properties: {
          by: {
            enum: ['change', 'latestTime', 'nothing'],
            description:
              'their entries changed in this put; or, as the value before is not known, no other entry has a later time; or no entry has changed',
          },
          managers: MANAGERS,
        },
      },
      lease: {
        type: 'object',
        description: 'the lease of a put, or the one that a deleted key had',
        required: ['id'],
        properties: {
          id: { type: 'integer' },
          grant: {
            type: 'object',
            description:
              'the entry of the log in which it was granted; absent: it is not known, as where a client chose the id',
            required: ['index', 'term'],
            properties: { index: COUNT, term: COUNT, user: TEXT },
          },
          grantedThrough: {
            type: 'object',
            description: 'the process that named the lease; absent: the id does not tell, as clients may choose it',
            required: ['memberBits', 'upSince'],
            properties: PROPOSER_PROPERTIES,
          },
        },
      },
    },
  ),
  lineSchema(
    'blamedField',
    'blame --fields: a field of the value that a key has',
    {
      key: BYTES,
      by: { enum: ['fields', 'lines', 'whole'], description: 'what the value has: fields, lines of text, or neither' },
      path: { ...TEXT, description: 'the field; the number of a line; empty for a whole value' },
      text: { ...TEXT, description: 'what it says, as far as it is not secret' },
      since: { ...REVISION, description: 'the put that set it' },
      owners: { ...MANAGERS, description: 'who owns it, by managedFields' },
    },
    {
      orBefore: { const: true, description: 'a put before that may have set it, which is compacted' },
      ...ORIGIN_PROPERTIES,
    },
  ),
];
