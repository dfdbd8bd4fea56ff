import t from 'tap';
import { PrefixTable } from '../../../src/inspect/usage/prefix-table.js';
import { RecordSizes } from '../../../src/inspect/usage/record-sizes.js';
import { measureUsage, type UsageOptions } from '../../../src/inspect/usage/usage.js';
import { encodeKeyValue } from '../../../src/mvcc/key-value.js';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import { StoredRecord } from '../../../src/mvcc/record.js';
import { encodeRevisionKey } from '../../../src/mvcc/revision.js';
import { Store } from '../../../src/mvcc/store.js';
import { rangeEnd } from '../../support/arbitraries.js';
import fc from '../../support/fast-check.js';
import { draws } from '../../support/random.js';
import { byPrefix, bytesOfRecord, recount } from '../../support/recounted-usage.js';

const OPTIONS: UsageOptions = { prefix: '', separator: '/', depth: 2, limit: 10 };
const KEYS = fc.constantFrom(
  '',
  '/',
  'a',
  '/a',
  '/a/',
  '/a/b',
  '/a/b/c',
  '/a/b/c/d',
  '/a/c',
  'a/b',
  'a//b',
  '//',
  '\xff/',
);
const keys = KEYS.filter((key) => key !== '');

/** A transaction: puts with a length of value, and deletions. */
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ key: keys, value: fc.nat(300) }) },
  { weight: 1, arbitrary: fc.record({ key: keys, end: rangeEnd(keys) }) },
);
const history = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { maxLength: 30 });

function storeOf(transactions: readonly (readonly { key: string; value?: number; end?: string | undefined }[])[]) {
  const store = new Store(new MemoryBackend());
  for (const changes of transactions) {
    store.write((txn) => {
      for (const { key, value, end } of changes) {
        if (value === undefined) txn.deleteRange(key, end);
        else txn.put(key, Buffer.alloc(value));
      }
    });
  }
  return store;
}

const recordsOf = (store: Store): StoredRecord[] => [...store.records(0, store.currentRev)];
const percentOf = (from: number, to: number, percent: number) => from + Math.round(((to - from) * percent) / 100);

t.test('usage is what a naive recount finds, and a compaction deletes what was said', async (t) => {
  const percent = fc.nat(100);
  const options = fc.record({
    prefix: fc.constantFrom('', '/', '/a', '/a/', 'a'),
    separator: fc.constantFrom('/', '/b', 'a'),
    depth: fc.integer({ min: 1, max: 4 }),
    limit: fc.constantFrom(1, 2, 100),
  });
  const property = fc.property(
    history,
    options,
    percent,
    percent,
    percent,
    percent,
    (writes, drawn, a, b, c, first) => {
      const store = storeOf(writes);
      const { currentRev } = store;
      if (first > 50 && currentRev > 1) store.compact(percentOf(1, currentRev, first - 50));
      const oldest = Math.max(store.compactRev, 1);
      const [fromRev, toRev] = [a, b]
        .map((each) => percentOf(store.compactRev + 1, currentRev, each))
        .sort((x, y) => x - y);
      const compactAt = percentOf(oldest, currentRev, c);
      const hasWindow = store.compactRev < currentRev && fromRev! > 0;
      const range = hasWindow ? { fromRev, toRev } : {};
      const records = recordsOf(store);
      const usage = measureUsage(records, store.state, { ...drawn, ...range, compactAt });

      const groups = byPrefix(records, drawn);
      t.same(usage.total, recount([...groups.values()].flat()), 'the total');
      t.equal(usage.prefixCount, groups.size);
      t.equal(usage.prefixes.length, Math.min(groups.size, drawn.limit));
      for (const { prefix, ...split } of usage.prefixes) t.same(split, recount(groups.get(prefix)!), prefix);

      const all = [...groups.values()].flat();
      const changed = hasWindow ? all.filter(({ main }) => main >= fromRev! && main <= toRev!) : [];
      if (hasWindow) {
        t.match(usage.churn, {
          revisions: new Set(changed.map(({ main }) => main)).size,
          changes: changed.length,
          deletes: changed.filter(({ tombstone }) => tombstone).length,
          bytes: changed.reduce((n, record) => n + bytesOfRecord(record), 0),
          keys: new Set(changed.map(({ key }) => key)).size,
        });
        for (const { prefix, changes } of usage.churn.prefixes) {
          t.equal(changes, changed.filter((record) => groups.get(prefix)!.includes(record)).length);
        }
        const times = new Map<string, number>();
        for (const { key } of changed) times.set(key, (times.get(key) ?? 0) + 1);
        const busiest = [...times].filter(([, n]) => n > 1).sort((x, y) => y[1] - x[1] || (x[0] < y[0] ? -1 : 1));
        t.same(
          usage.keys.map(({ key, changes }) => [key, changes]),
          busiest.slice(0, drawn.limit),
        );
      }
      const largest = new Map<string, number>();
      for (const record of all) {
        const bytes = record.keyValue().value.length;
        if (bytes > 0) largest.set(record.key, Math.max(bytes, largest.get(record.key) ?? 0));
      }
      const values = [...largest].sort((x, y) => y[1] - x[1] || (x[0] < y[0] ? -1 : 1)).slice(0, drawn.limit);
      t.same(
        usage.values.map(({ key, bytes }) => [key, bytes]),
        values,
      );

      if (compactAt > store.compactRev) store.compact(compactAt);
      const left = recordsOf(store);
      t.equal(usage.compaction.deletedRecords, records.length - left.length);
      t.same([...usage.compaction.keptSizes()], left.map(bytesOfRecord));
      t.equal(
        usage.compaction.keptBytes,
        left.reduce((n, record) => n + bytesOfRecord(record), 0),
      );
    },
  );
  fc.assert(property, { numRuns: draws(25, 2000) });
});

t.test('the largest value of a key is told once, with its newest revision', async (t) => {
  const store = storeOf([
    [{ key: 'a', value: 9 }],
    [{ key: 'a', value: 9 }],
    [{ key: 'a', value: 3 }],
    [{ key: 'b', value: 9 }],
  ]);
  t.same(measureUsage(recordsOf(store), store.state, OPTIONS).values, [
    { key: 'a', bytes: 9, main: 3, sub: 0 },
    { key: 'b', bytes: 9, main: 5, sub: 0 },
  ]);
});

t.test('revisions that cannot be counted are refused', async (t) => {
  const store = storeOf([[{ key: 'a', value: 1 }], [{ key: 'a', value: 2 }], [{ key: 'a', value: 3 }]]);
  store.compact(3);
  const measure = (options: Partial<UsageOptions>) => () =>
    measureUsage(recordsOf(store), store.state, { ...OPTIONS, ...options });
  t.throws(measure({ fromRev: 3 }), { code: 'COMPACTED', message: 'what changed at revision 3 has been compacted' });
  t.throws(measure({ fromRev: 5 }), { code: 'FUTURE_REVISION' });
  t.throws(measure({ toRev: 2 }), { code: 'COMPACTED' });
  t.throws(measure({ fromRev: 4, toRev: 3 }), { code: 'COMPACTED' });
  t.throws(measure({ compactAt: 2 }), { code: 'COMPACTED' });
  t.throws(measure({ compactAt: 5 }), { code: 'FUTURE_REVISION' });
  t.equal(measure({ compactAt: 3 })().compaction.deletedRecords, 0);
  store.compact(4);
  t.match(measure({})().churn, { fromRev: 5, toRev: 4, changes: 0 });
});

t.test('the empty record of a bumped revision is of no key', async (t) => {
  const put = (main: number) =>
    new StoredRecord(
      encodeRevisionKey({ main, sub: 0 }),
      encodeKeyValue({
        key: '/a',
        createRevision: main,
        modRevision: main,
        version: 1,
        value: Buffer.alloc(0),
        lease: 0n,
      }),
    );
  const records = [put(2), new StoredRecord(encodeRevisionKey({ main: 100, sub: 0 }), Buffer.alloc(0))];
  const { total, churn, compaction } = measureUsage(records, { currentRev: 100, compactRev: -1 }, OPTIONS);
  t.match(total, { keys: 1, liveKeys: 1, liveRecords: 2 });
  t.match(churn, { keys: 1, changes: 1, revisions: 1 });
  t.match(compaction, { deletedRecords: 0, keptRecords: 2 });
});

t.test('where there are too many prefixes, the depth is lowered, and sums stay exact', async (t) => {
  const table = new PrefixTable({ prefix: '', separator: '/', depth: 3 }, 3);
  const places = ['/a/b/c/d', '/a/b/d/e', '/a/c/d/e'].map((key) => {
    const place = table.placeOf(key);
    table.rows[place]!.split.keys++;
    return place;
  });
  t.same(places, [0, 1, 2]);
  t.notOk(table.isTooLong);
  table.placeOf('/x/y/z/0');
  t.ok(table.isTooLong);
  t.same([...table.lower()], [0, 0, 1, 2]);
  t.notOk(table.isTooLong);
  t.same(
    table.rows.map(({ prefix, split }) => [prefix, split.keys]),
    [
      ['/a/b/', 2],
      ['/a/c/', 1],
      ['/x/y/', 0],
    ],
  );
  t.equal(table.placeOf('/a/b/q/r'), 0);
});

t.test('sizes beyond two bytes, and beyond a chunk', async (t) => {
  const sizes = new RecordSizes();
  const all = Array.from({ length: 70_000 }, (_, i) => (i % 1000 === 0 ? 65_534 + i / 1000 : i % 100));
  t.ok(all.every((bytes, place) => sizes.add(bytes) === place));
  t.ok(all.every((bytes, place) => sizes.at(place) === bytes));
  for (const place of [0, 1000, 65_535, 69_999]) sizes.drop(place);
  t.equal(sizes.droppedBytes, all[0]! + all[1000]! + all[65_535]! + all[69_999]!);
  t.equal([...sizes.kept()].length, 69_996);
});
