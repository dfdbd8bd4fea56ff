import t from 'tap';
import type { KeyRange } from '../../src/mvcc/key-range.js';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { CheckedStoreReader, Store } from '../../src/mvcc/store.js';
import fc from '../support/fast-check.js';

const KEYS = ['a', 'a/', 'ab', 'b', '\xff'];
const RANGES: readonly KeyRange[] = [
  { key: 'a' },
  { key: 'a', end: 'b' },
  { key: '\0', end: '' },
  { key: 'b', end: 'a' },
];

t.test('a first read, which scans, finds what the index finds', async (t) => {
  let reads = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom('put', 'delete', 'compact')), { maxLength: 20 }),
      (steps) => {
        const backend = new MemoryBackend();
        const store = new Store(backend);
        for (const [key, what] of steps) {
          if (what === 'put') store.write((txn) => txn.put(key, Buffer.from('v')));
          else if (what === 'delete') store.write((txn) => txn.deleteRange(key));
          else if (store.currentRev > Math.max(store.compactRev, 1)) store.compact(store.currentRev);
        }
        for (let rev = Math.max(store.compactRev, 1); rev <= store.currentRev; rev++) {
          for (const range of RANGES) {
            const request = { ...range, rev };
            const withoutIndex = { ...backend.tables };
            Object.defineProperty(withoutIndex, 'index', { get: () => t.fail('the index is asked for') });
            const reader = new CheckedStoreReader({
              ...backend,
              tables: withoutIndex,
              sizeBytes: () => 0,
              close: () => undefined,
            });
            t.strictSame(reader.range(request), store.range(request));
            reads++;
          }
        }
      },
    ),
    { numRuns: 20 },
  );
  t.ok(reads > 100, `${reads} reads`);
});
