// An index that is filled in batches is the same as one that is filled record by record.

import assert from 'node:assert/strict';
import t from 'tap';
import { KeyIndex, stateAfterDelete, stateAfterPut } from '../../src/mvcc/key-index.js';
import { encodeKeyValue, encodeTombstone } from '../../src/mvcc/key-value.js';
import { MemoryTable } from '../../src/mvcc/memory-table.js';
import { IndexFiller } from '../../src/mvcc/rebuild-index.js';
import { StoredRecord } from '../../src/mvcc/record.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import { awkwardKeys } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';

const entriesOf = (table: MemoryTable) => [...table.entries()].map(({ key, value }) => [key, value]);

const changes = fc.array(
  fc.record({ key: awkwardKeys, tombstone: fc.boolean(), flush: fc.integer({ max: 4, min: 0 }).map((n) => n === 0) }),
  { maxLength: 60, size: 'max' },
);

t.test('batches of any length', async () => {
  fc.assert(
    fc.property(changes, (list) => {
      const [oneByOne, batched] = [new MemoryTable(), new MemoryTable()];
      const index = new KeyIndex(oneByOne);
      const filler = new IndexFiller(new KeyIndex(batched));
      for (const [i, { key, tombstone, flush }] of list.entries()) {
        const revision = { main: i + 2, sub: 0 };
        const before = index.latest(key);
        const state = tombstone ? stateAfterDelete(revision) : stateAfterPut(before, revision);
        index.append(key, state);
        const kv = { key, value: Buffer.alloc(0), lease: 0n, modRevision: revision.main, ...state };
        const value = tombstone ? encodeTombstone(key) : encodeKeyValue(kv);
        filler.add(new StoredRecord(encodeRevisionKey(revision, tombstone), value));
        if (flush) filler.flush();
      }
      filler.flush();
      assert.deepEqual(entriesOf(batched), entriesOf(oneByOne));
    }),
  );
});
