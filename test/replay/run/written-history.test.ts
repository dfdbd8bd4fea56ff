// A written history keeps neither keys nor values. It must tell the same as a store that holds them.

import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import { Store } from '../../../src/mvcc/store.js';
import type { Change } from '../../../src/replay/run/transactions.js';
import { WrittenHistory } from '../../../src/replay/run/written-history.js';
import { WrittenCommits } from '../../../src/replay/scenario/written-commits.js';
import fc from '../../support/fast-check.js';
import { listedTransactions } from '../../support/listed-transactions.js';

const key = fc.constantFrom('a', 'b', 'b\0', 'c', 'cc', 'd');
const value = fc.constantFrom('', 'x', '\xff').map(Buffer.from);
const put = fc.tuple(key, value).map(([key, value]): Change => ({ put: key, value }));
const one = key.map((key): Change => ({ delete: key }));
const range = fc.tuple(key, fc.oneof(key, fc.constant(''))).map(([key, end]): Change => ({ delete: key, end }));
const change = fc.oneof(put, put, one, range);

t.test('property: as a store has it', (t) => {
  const transactions = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { maxLength: 40 });
  fc.assert(
    fc.property(transactions, fc.array(fc.tuple(key, fc.option(key), fc.nat(45)), { maxLength: 10 }), (all, reads) => {
      const store = new Store(new MemoryBackend());
      for (const changes of all) {
        store.write((txn) => {
          for (const one of changes) {
            if ('put' in one) txn.put(one.put, one.value);
            else txn.deleteRange(one.delete, one.end);
          }
        });
      }
      const written = new WrittenHistory(listedTransactions(all));
      assert.deepEqual(written.state, store.state);
      assert.equal(written.countRecords(), store.countRecords());
      const told = (records: Iterable<{ keyBytes: Buffer; valueBytes: Buffer }>) =>
        [...records].map(({ keyBytes, valueBytes }) => [keyBytes, valueBytes]);
      assert.deepEqual(told(written.records(0, 1000)), told(store.records(0, 1000)));
      for (const [from, end, at] of reads) {
        const rev = Math.min(at, store.currentRev);
        const request = { key: from, end: end ?? undefined, rev, limit: at % 3 };
        assert.deepEqual(written.range(request), store.range(request));
        assert.deepEqual(told(written.records(rev, rev + 5)), told(store.records(rev, rev + 5)));
      }
    }),
  );
  t.end();
});

t.test('a key with many revisions is found at any of them', (t) => {
  const all = Array.from({ length: 5000 }, (_, i): Change[] => [{ put: 'k', value: Buffer.from(String(i)) }]);
  const written = new WrittenHistory(listedTransactions(all));
  for (let rev = 2; rev <= written.currentRev; rev += 7) {
    const [kv] = written.range({ key: 'k', rev }).kvs;
    assert.deepEqual([kv?.modRevision, kv?.version, kv?.createRevision], [rev, rev - 1, 2]);
  }
  t.strictSame(written.range({ key: 'k', rev: 1 }).kvs, []);
  t.throws(() => written.range({ key: 'k', rev: 6000 }), { code: 'FUTURE_REVISION' });
  t.end();
});

// A million revisions once took 1.8 GB: each key and value was held, with the index of a store.
t.test('how much is kept of each revision', (t) => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const heldBytes = () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const first = { key: '/registry/pods/default/web-{i}', value: 'v'.repeat(200) };
  for (const one of [first, { ...first, key: '/registry/pods' }]) {
    const repeat = 100_000;
    const before = heldBytes();
    const written = new WrittenHistory(new WrittenCommits([{ put: one, repeat }]));
    const bytes = (heldBytes() - before) / repeat;
    t.ok(bytes < 50, `${bytes} bytes for ${one.key}`);
    t.equal(written.countRecords(), repeat);
  }
  t.end();
});
