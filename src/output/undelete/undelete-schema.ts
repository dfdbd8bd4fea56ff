// Describes what `mvccw undelete -w json` prints: a line for each key that is or would be brought back, one for each that
// cannot be, and one for the whole.

import { BYTES, COUNT, lineSchema } from '../formats/inspection-line.js';

const REVISION = { type: 'object', required: ['main', 'sub'], properties: { main: COUNT, sub: COUNT } };

export const UNDELETE_LINES = [
  lineSchema(
    'undelete-put',
    'undelete: a key that is brought back, all by one transaction and only if each condition holds',
    {
      key: BYTES,
      value: BYTES,
      revision: { ...REVISION, description: 'the put whose value this is' },
      create_revision: COUNT,
      mod_revision: COUNT,
      version: { ...COUNT, description: 'this and the two before: as they were then' },
      ifModRevision: { ...COUNT, description: 'the condition: the key has this mod_revision; 0: it is not there' },
    },
    {
      lease: { type: 'integer', description: 'the lease that the key is attached to; absent: to none' },
      leaseThen: { type: 'integer', description: 'the lease that it was attached to' },
    },
  ),
  lineSchema('undelete-lost', 'undelete: a deleted key whose value is compacted', {
    key: BYTES,
    tombstone: { ...REVISION, description: 'its newest deletion' },
  }),
  lineSchema(
    'undelete',
    'undelete: the last line',
    {
      restored: { ...COUNT, description: 'the number of keys that are or would be brought back' },
      lost: COUNT,
      alive: { ...COUNT, description: 'the number of keys of the range that are there now and are left alone' },
      applied: { type: 'boolean', description: 'whether the transaction was run (--apply)' },
    },
    { revision: { ...COUNT, description: 'with --apply: the revision of the transaction' } },
  ),
];
