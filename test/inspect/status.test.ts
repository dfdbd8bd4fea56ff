import t from 'tap';
import { storeStatus } from '../../src/inspect/status.js';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { rebuildIndex } from '../../src/mvcc/rebuild-index.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import { Store } from '../../src/mvcc/store.js';
import fc from '../support/fast-check.js';

t.test('what is counted, through compactions and deletions', async (t) => {
  const store = new Store(new MemoryBackend());
  const status = () => storeStatus(store, { indexed: true });
  t.match(status(), { oldestRev: 1, currentRev: 1, records: 0, liveKeys: 0, deletedKeys: 0, leases: 0 });
  store.grantLease(1n, 10);
  store.write((txn) => txn.put('a', Buffer.from('1')));
  store.write((txn) => txn.put('a', Buffer.from('2'), 1n));
  store.write((txn) => txn.put('b', Buffer.from('3')));
  store.write((txn) => txn.deleteRange('b'));
  t.match(status(), { oldestRev: 1, currentRev: 5, records: 4, liveKeys: 1, deletedKeys: 1, leases: 1 });
  store.compact(4);
  t.match(status(), {
    oldestRev: 4,
    compactRev: 4,
    records: 3,
    liveKeys: 1,
    deletedKeys: 1,
    compactionCutShort: false,
  });
  store.write((txn) => txn.put('c', Buffer.from('4')));
  store.compact(6);
  t.match(status(), { oldestRev: 6, records: 2, liveKeys: 2, deletedKeys: 0 });
});

t.test('the filler record of a bumped revision is a record, but no key', async (t) => {
  const backend = new MemoryBackend();
  const store = new Store(backend);
  store.write((txn) => txn.put('a', Buffer.from('1')));
  backend.tables.key.put(encodeRevisionKey({ main: 1000, sub: 0 }), Buffer.alloc(0));
  store.restore();
  for (const indexed of [true, false]) {
    t.match(storeStatus(store, { indexed }), { currentRev: 1000, records: 2, liveKeys: 1, deletedKeys: 0 });
  }
  rebuildIndex(store.records(0, 1000), backend.tables.index);
  for (const indexed of [true, false]) {
    t.match(storeStatus(store, { indexed }), { records: 2, liveKeys: 1, bumpedTo: 1000 });
  }
});

t.test('counting by index and by records comes to the same', async (t) => {
  const key = fc.constantFrom('a', 'b', 'c', '\0', 'x'.repeat(3000), `${'x'.repeat(3000)}y`);
  const step = fc.oneof(
    fc.record({ put: key }),
    fc.record({ del: key }),
    fc.record({ compactBack: fc.integer({ min: 0, max: 3 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const store = new Store(new MemoryBackend());
      for (const step of steps) {
        if ('put' in step) store.write((txn) => txn.put(step.put, Buffer.from('v')));
        else if ('del' in step) store.write((txn) => txn.deleteRange(step.del));
        else if (store.currentRev - step.compactBack > Math.max(store.compactRev, 0)) {
          store.compact(store.currentRev - step.compactBack);
        }
      }
      t.strictSame(storeStatus(store, { indexed: true }), storeStatus(store, { indexed: false }));
    }),
    { numRuns: 50 },
  );
});
