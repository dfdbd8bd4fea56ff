import assert from 'node:assert/strict';
import t from 'tap';
import { WHOLE_KEY_SPACE } from '../../../src/mvcc/key-range.js';
import { StoreReader } from '../../../src/mvcc/store.js';
import { PASS_COSTS } from '../../../src/replay/run/pass-cost.js';
import { PassCounter } from '../../../src/replay/run/pass-counter.js';
import { RecordedStore } from '../../../src/replay/run/recorded-store.js';
import { replay } from '../../../src/replay/run/replay.js';
import { ScriptedStore } from '../../../src/replay/run/scripted-store.js';
import { planReplay } from '../../../src/replay/scenario/plan.js';
import type { WatchSpec } from '../../../src/requests/watch-spec.js';
import { openEtcdFile } from '../../../src/storage/etcd-file.js';
import fc from '../../support/fast-check.js';
import { listedTransactions } from '../../support/listed-transactions.js';
import { unpackSnapshot } from '../../support/snapshots.js';

const letter = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const range = fc
  .tuple(letter, fc.option(letter, { nil: undefined }), fc.boolean())
  .map(([key, end, fromKey]) => ({ key, end: fromKey ? '' : end }))
  .filter(({ key, end }) => end === undefined || end === '' || key < end);

const holds = ({ key, end }: { key: string; end: string | undefined }, candidate: string): boolean =>
  end === undefined ? candidate === key : candidate >= key && (end === '' || candidate < end);

t.test('counts what each watcher would match, whatever the ranges', async () => {
  const history = fc.array(fc.array(letter, { minLength: 1, maxLength: 3 }), { maxLength: 30 });
  const watchers = fc.array(fc.tuple(range, fc.nat(35)), { maxLength: 8 });
  fc.assert(
    fc.property(history, watchers, fc.nat(31), (commits, watching, baseRev) => {
      const keys = commits.map((commit) => [...new Set(commit)]);
      const store = new ScriptedStore(
        listedTransactions(keys.map((commit) => commit.map((put) => ({ put, value: Buffer.from('v') })))),
        baseRev,
        Number.POSITIVE_INFINITY,
      );
      const counter = new PassCounter(
        store,
        watching.map(([watched]) => watched),
        { revisionUs: 0, eventUs: 1 },
      );
      while (store.hasNext) counter.add(store.commitNext()!.events);
      const chosen = watching.map(([watched, minRev]) => ({ ...watched, minRev }));
      const { currentRev } = store;
      const expected = chosen.reduce((sum, watcher) => {
        const seen = keys.flatMap((commit, i) => (i + 2 >= watcher.minRev ? commit : []));
        return sum + seen.filter((key) => holds(watcher, key)).length;
      }, 0);
      assert.equal(counter.costUs({ chosen, minRev: 0, currentRev }), expected);
    }),
  );
});

/** Real etcd 3.5.30 took 15.7 s. The longer measurements are in test/bench/large.js. */
const REAL_US = 15.7e6;

t.test('100,000 revisions for one watcher of everything take about as long as in etcd', async (t) => {
  const file = openEtcdFile(unpackSnapshot('bench-100k', t.testdir()));
  t.teardown(() => file.close());
  const history = new StoreReader(file);
  const all: WatchSpec = { name: 'all', ...WHOLE_KEY_SPACE, filters: [], prevKv: false };
  const syncedUs = (cost: keyof typeof PASS_COSTS): number => {
    const { options, baseRev, toRev } = planReplay(
      { state: history.state, registered: [] },
      { watch: [all], fromRev: 1 },
    );
    let timeUs = Number.NaN;
    for (const entry of replay(new RecordedStore(history, baseRev, toRev), { ...options, cost: PASS_COSTS[cost]! })) {
      if (entry.kind === 'group' && entry.to === 'synced') timeUs = entry.timeUs;
    }
    return timeUs;
  };
  const measured = syncedUs('measured');
  t.ok(Math.abs(measured / REAL_US - 1) < 1 / 3, `${measured} µs, really ${REAL_US}`);
  // There are 100 responses of 1,000 revisions, the first at 0, and each pass leaves as many unsynced as there were.
  t.equal(syncedUs('none'), 99 * 100_000);
});
