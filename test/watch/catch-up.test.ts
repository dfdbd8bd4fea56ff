import assert from 'node:assert/strict';
import t from 'tap';
import { eventOf, type StoredRecord } from '../../src/mvcc/record.js';
import { batchesFromHistory } from '../../src/watch/catch-up.js';
import type { WatchableHistory } from '../../src/watch/watchable-history.js';
import type { Watcher } from '../../src/watch/watcher.js';
import { WatcherGroup } from '../../src/watch/watcher-group.js';
import { fewKeys, rangeEnd } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';
import { holds } from '../support/store-model.js';
import { shortEvent, WatchBench } from '../support/watch-bench.js';

interface NaiveBatch {
  readonly events: string[];
  readonly moreRev: number;
}

/** Reads everything from the lowest minRev on, separately for each watcher, and cuts the batch only afterwards. */
function naiveBatches(
  watchers: readonly Watcher[],
  history: WatchableHistory,
  maxRevs: number,
  compactedToo: boolean,
): Map<number, NaiveBatch> {
  const { currentRev, compactRev } = history;
  const lowest = Math.min(...watchers.map(({ minRev }) => minRev).filter((minRev) => minRev >= compactRev));
  const batches = new Map<number, NaiveBatch>();
  for (const watcher of watchers) {
    if (watcher.minRev < compactRev && !compactedToo) continue;
    const events = [...history.records(0, currentRev)]
      .filter((record) => record.main >= Math.max(lowest, watcher.minRev))
      .filter((record) => holds(watcher.key, watcher.end, record.key))
      .map(eventOf);
    const revisions = [...new Set(events.map(({ kv }) => kv.modRevision))];
    const moreRev = revisions[maxRevs] ?? 0;
    const sent = events.filter(({ kv }) => moreRev === 0 || kv.modRevision < moreRev);
    if (events.length > 0) batches.set(watcher.serial, { events: sent.map(shortEvent), moreRev });
  }
  return batches;
}

function groupOf(bench: WatchBench, requests: { key: string; end: string | undefined; minRev: number }[]) {
  const stream = bench.engine.openStream();
  const group = new WatcherGroup();
  for (const { key, end, minRev } of requests) {
    const watcher = stream.watch({ key, end });
    watcher.minRev = minRev;
    group.add(watcher);
  }
  return group;
}

/** A history that counts what is read of it. */
class CountedHistory implements WatchableHistory {
  read: number[] = [];

  constructor(private readonly history: WatchableHistory) {}

  get currentRev(): number {
    return this.history.currentRev;
  }

  get compactRev(): number {
    return this.history.compactRev;
  }

  *records(fromMain: number, toMain: number): Iterable<StoredRecord> {
    for (const record of this.history.records(fromMain, toMain)) {
      this.read.push(record.main);
      yield record;
    }
  }
}

t.test('reading jumps to where the next watcher begins, and stops when all have enough', async (t) => {
  const bench = new WatchBench();
  for (let i = 0; i < 100; i++) bench.commit('a');
  const table: [minRevs: number[], maxRevs: number, read: string][] = [
    [[2], 3, '2-6'], // three that fit, the one that does not, and one that tells that nobody wants more
    [[2, 50], 3, '2-6 50-54'],
    [[2, 4], 3, '2-8'],
    [[2, 6], 3, '2-10'], // the second begins where nobody else wants more
    [[2, 7], 3, '2-6 7-11'],
    [[90, 99], 1000, '90-101'],
    [[102], 3, ''],
    [[], 3, ''],
  ];
  for (const [minRevs, maxRevs, read] of table) {
    const history = new CountedHistory(bench.store);
    const group = groupOf(
      bench,
      minRevs.map((minRev) => ({ key: 'a', end: undefined, minRev })),
    );
    batchesFromHistory(group, history, maxRevs, false);
    const wanted = read
      .split(' ')
      .filter((span) => span !== '')
      .flatMap((span) => {
        const [from = 0, to = from] = span.split('-').map(Number);
        return Array.from({ length: to - from + 1 }, (_, i) => from + i);
      });
    t.same(history.read, wanted, JSON.stringify(minRevs));
  }
});

t.test('property: the same batches as a full scan gives', async (t) => {
  const change = fc.record({ key: fewKeys, deletes: fc.boolean() });
  const history = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 25,
    size: 'max',
  });
  const watcher = fc
    .record({ key: fewKeys, end: rangeEnd(fewKeys), percent: fc.integer({ min: 0, max: 110 }) })
    .filter(({ key, end }) => !end || key < end);
  fc.assert(
    fc.property(
      history,
      fc.array(watcher, { maxLength: 8, size: 'max' }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(100),
      fc.boolean(),
      (transactions, requests, maxRevs, compactPercent, compactedToo) => {
        const bench = new WatchBench();
        for (const changes of transactions) {
          bench.write((txn) => {
            for (const { key, deletes } of changes) {
              if (deletes) txn.deleteRange(key);
              else txn.put(key, Buffer.from('v'));
            }
          });
        }
        const { store } = bench;
        const at = (percent: number) => Math.round((store.currentRev * percent) / 100);
        if (compactPercent < 50) store.compact(at(compactPercent));
        const group = groupOf(
          bench,
          requests.map(({ key, end, percent }) => ({ key, end, minRev: at(percent) })),
        );
        const got = batchesFromHistory(group, store, maxRevs, compactedToo);
        const wanted = naiveBatches(group.watchers(), store, maxRevs, compactedToo);
        const shown = new Map(
          [...got].map(([{ serial }, { events, moreRev }]) => [serial, { events: events.map(shortEvent), moreRev }]),
        );
        assert.deepEqual(shown, wanted);
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});
