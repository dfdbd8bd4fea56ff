import t from 'tap';
import { type HistoryEntry, type HistoryRequest, keyHistory } from '../../../src/inspect/history/key-history.js';
import { RecentRecords } from '../../../src/inspect/history/recent-records.js';
import { WHOLE_KEY_SPACE } from '../../../src/mvcc/key-range.js';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import { formatRevision } from '../../../src/mvcc/revision.js';
import { Store } from '../../../src/mvcc/store.js';
import { fewKeys } from '../../support/arbitraries.js';
import fc from '../../support/fast-check.js';
import { draws } from '../../support/random.js';

const ALL: Omit<HistoryRequest, 'toRev'> = {
  range: WHOLE_KEY_SPACE,
  fromRev: 0,
  limit: 0,
  reverse: false,
  withBefore: true,
};

function entries(store: Store, request: Partial<HistoryRequest> = {}, indexed = false): HistoryEntry[] {
  return [...keyHistory({ store, indexed }, { ...ALL, toRev: store.currentRev, ...request })];
}

/** Returns an entry as text: its revision, key and generation, and what was there before. */
function textOf({ record, generation, before, recordBefore }: HistoryEntry): string {
  const was = 'revision' in before ? formatRevision(before.revision) : '';
  const value = recordBefore === undefined ? '' : `=${recordBefore.keyValue().value}`;
  return `${formatRevision(record)} ${record.key} ${generation} ${before.is} ${was}${value}`.trimEnd();
}

const put = (store: Store, key: string, value: string) => store.write((txn) => txn.put(key, Buffer.from(value)));

t.test('lives, and what was there before', async (t) => {
  const store = new Store(new MemoryBackend());
  put(store, 'a', '1');
  put(store, 'b', '1');
  put(store, 'a', '2');
  store.write((txn) => txn.deleteRange('a'));
  put(store, 'a', '3');
  put(store, 'b', '2');
  t.strictSame(entries(store).map(textOf), [
    '2_0 a 1 nothing',
    '3_0 b 1 nothing',
    '4_0 a 1 record 2_0=1',
    '5_0 a 1 record 4_0=2',
    '6_0 a 2 tombstone 5_0',
    '7_0 b 1 record 3_0=1',
  ]);
  store.compact(4);
  t.strictSame(entries(store).map(textOf), [
    '3_0 b 1 nothing',
    '4_0 a 1 compacted',
    '5_0 a 1 record 4_0=2',
    '6_0 a 2 tombstone 5_0',
    '7_0 b 1 record 3_0=1',
  ]);
  store.compact(5);
  // The tombstone is at the compact revision, and is retained.
  t.strictSame(entries(store, { range: { key: 'a' } }).map(textOf), ['5_0 a 1 compacted', '6_0 a 2 tombstone 5_0']);
  store.compact(6);
  t.strictSame(entries(store, { range: { key: 'a' } }).map(textOf), ['6_0 a 1 nothing']);
});

const change = fc.record({ key: fewKeys, value: fc.constantFrom(undefined, 'x', 'y') });
const step = fc.oneof(
  { weight: 5, arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constant('compact' as const) },
);

t.test('each way to read a history gives the same', async (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), fc.nat(30), fc.nat(30), fc.nat(6), (steps, a, b, limit) => {
      const store = new Store(new MemoryBackend());
      for (const step of steps) {
        if (step === 'compact') {
          if (store.currentRev - 1 > store.compactRev) store.compact(store.currentRev - 1);
          continue;
        }
        store.write((txn) => {
          for (const { key, value } of step) {
            if (value === undefined) txn.deleteRange(key);
            else txn.put(key, Buffer.from(value));
          }
        });
      }
      const all = entries(store).map(textOf);
      t.strictSame(entries(store, { reverse: true }).map(textOf), all.toReversed());
      const [fromRev, toRev] = [Math.min(a, b), Math.min(Math.max(a, b), store.currentRev)];
      const within = all.filter((text) => {
        const main = Number(text.split('_')[0]);
        return main >= fromRev && main <= toRev;
      });
      const first = limit === 0 ? within : within.slice(0, limit);
      t.strictSame(entries(store, { fromRev, toRev, limit }).map(textOf), first);
      const last = limit === 0 ? within.toReversed() : within.toReversed().slice(0, limit);
      t.strictSame(entries(store, { fromRev, toRev, limit, reverse: true }).map(textOf), last);
      for (const key of ['a', 'a\0', '\xff']) {
        const ofKey = all.filter((text) => text.split(' ')[1] === key);
        t.strictSame(entries(store, { range: { key } }).map(textOf), ofKey);
        t.strictSame(entries(store, { range: { key } }, true).map(textOf), ofKey, 'by the index');
        t.strictSame(entries(store, { range: { key }, reverse: true }, true).map(textOf), ofKey.toReversed());
      }
    }),
    { numRuns: draws(25, 1500) },
  );
});

t.test('recent records are bounded by their bytes', async (t) => {
  const store = new Store(new MemoryBackend());
  for (const key of ['a', 'b', 'c', 'd']) put(store, key, key.repeat(60));
  const records = [...store.records(0, store.currentRev)];
  const recent = new RecentRecords<string>(1300);
  for (const record of records.slice(0, 3)) recent.keep(record.key, record);
  const kept = () => records.filter((record) => recent.take(record.key, record) !== undefined).map(({ key }) => key);
  t.strictSame(kept(), ['b', 'c']);
  recent.keep('b', records[1]!);
  recent.keep('d', records[3]!);
  t.strictSame(kept(), ['b', 'd']);
  t.equal(recent.take('b', { main: 9, sub: 0 }), undefined, 'another revision');
});
