// A restore from an older backup takes revisions back, so that clients which have seen them wait for what is long over:
// etcd issues 14303 and 16028. With bumped revisions that are marked as compacted, they are told instead.

import assert from 'node:assert/strict';
import t from 'tap';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import { encodeRevisionKey } from '../../../src/mvcc/revision.js';
import { Store } from '../../../src/mvcc/store.js';
import { checkedReplay } from '../../../src/replay/findings/checked-replay.js';
import { explainEvent } from '../../../src/replay/findings/explain.js';
import { parseEventName } from '../../../src/replay/run/event-name.js';
import { ScriptedStore } from '../../../src/replay/run/scripted-store.js';
import type { ActionEntry } from '../../../src/replay/run/trace.js';
import type { Transaction } from '../../../src/replay/run/transactions.js';
import { parseScenario } from '../../../src/replay/scenario/parse-scenario.js';
import { planReplay } from '../../../src/replay/scenario/plan.js';
import { openRecorded, openScripted } from '../../../src/replay/scenario/scripted-source.js';
import fc from '../../support/fast-check.js';
import { openScenario, revisionsOf, runScenario, summaryOf } from '../../support/run-scenario.js';

/** Revision r is committed at (r - 1) * 10 ms. The store is at 31 when it is restored to 20. */
const scenario = (restore: string, more = '') => `
history: {commits: [{put: {key: "/k{i}", value: "{i}"}, repeat: 60}]}
base: 1
arrivals: {perSecond: 100}
watchers: [{name: w, key: /k, prefix: true}, {name: refl, key: /k, prefix: true}]
streams: {w: {reconnectAfter: 10ms}, refl: {client: reflector, reconnectAfter: 10ms}}
actions: [{at: 305ms, restore: {to: 20${restore}}}]
${more}`;
const revisions = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const broken = (run: ReturnType<typeof runScenario>) =>
  run.checked.violations.map(({ watcher, guarantee, revision }) => [watcher, guarantee, revision]);

t.test('without a bump, clients wait for a revision that they have seen, and lose all before', async (t) => {
  const run = runScenario(scenario('', 'to: 40'));
  for (const name of ['w', 'refl']) {
    t.same(revisionsOf(run, name), revisions(2, 31));
    t.match(summaryOf(run, name), { waitsForRev: 32, undone: 11, undelivered: 9, group: 'synced' });
    t.equal(run.checked.ledgers.get(name)?.lost.count, 9);
  }
  t.same(broken(run), [
    ['w', 'undelivered', 21],
    ['refl', 'undelivered', 21],
  ]);
  t.equal(run.summary.currentRev, 29);

  // When the store has come so far again, other events of those revisions come.
  const later = runScenario(scenario(''));
  t.same(revisionsOf(later, 'w'), [...revisions(2, 31), ...revisions(32, 50)]);
  t.same(broken(later), [
    ['w', 'resumable', 32],
    ['refl', 'resumable', 32],
  ]);
  t.match(summaryOf(later, 'w'), { waitsForRev: undefined, undelivered: 11 });
});

t.test('with a bump that is marked as compacted, clients are told, and a reflector misses nothing', async (t) => {
  const run = runScenario(scenario(', bumpRevision: 1000, markCompacted: true'));
  t.same(broken(run), []);
  t.equal(run.summary.currentRev, 1050);
  t.match(summaryOf(run, 'w'), { compactRevision: 1020, undone: 11, waitsForRev: undefined });
  const { seenAsState, timesRelisted } = summaryOf(run, 'refl');
  t.equal(timesRelisted, 1);
  t.same(revisionsOf(run, 'refl'), [...revisions(2, 31), ...revisions(1021 + seenAsState, 1050)]);
  t.match(summaryOf(run, 'refl'), { undelivered: 0, group: 'synced', compactRevision: undefined });
});

t.test('too small a bump, or one without the mark, leaves clients as they were', async (t) => {
  const small = runScenario(scenario(', bumpRevision: 5, markCompacted: true', 'to: 35'));
  t.match(summaryOf(small, 'refl'), { waitsForRev: 32, undelivered: 4 });
  t.same(broken(small), [
    ['w', 'undelivered', 26],
    ['refl', 'undelivered', 26],
  ]);
  const unmarked = runScenario(scenario(', bumpRevision: 1000'));
  t.same(revisionsOf(unmarked, 'refl'), [...revisions(2, 31), ...revisions(1021, 1050)]);
  t.match(summaryOf(unmarked, 'refl'), { undone: 11, undelivered: 0 });
  t.match(openScenario(scenario(', bumpRevision: 1000')).plan.hints, [/etcdutl refuses --bump-revision without/]);
});

t.test('a client that had not come so far is given the rest', async (t) => {
  const slow = scenario('').replace('{reconnectAfter: 10ms}', '{consumer: {every: 30ms}}');
  const run = runScenario(slow);
  t.same(revisionsOf(run, 'w').slice(0, 12), revisions(2, 13));
  t.same(
    run.checked.violations.filter(({ watcher }) => watcher === 'w'),
    [],
  );
  t.match(summaryOf(run, 'w'), { undone: 0, undelivered: 0 });
});

t.test('a backup that cannot be had is refused, and no connection breaks', async (t) => {
  const run = runScenario(scenario('').replace('to: 20', 'to: 99'));
  const refused = run.entries.find((entry): entry is ActionEntry => entry.kind === 'action');
  t.match(refused, { action: 'restore a backup of 99', error: /99/, restored: undefined });
  t.same(revisionsOf(run, 'w'), revisions(2, 61));
  t.equal(summaryOf(run, 'w').timesResumed, 0);
  const early = runScenario(scenario('').replace('to: 20', 'to: {behind: 31}')).entries;
  t.match(
    early.find(({ kind }) => kind === 'action'),
    { error: 'there is no backup of revision 0: the first is 1' },
  );
});

// The store was half restored when the record of such a revision could not be read.
t.test('a bump that leaves no revisions is refused, and no connection breaks', async (t) => {
  const run = runScenario(scenario(`, bumpRevision: ${Number.MAX_SAFE_INTEGER}, markCompacted: true`));
  const refused = run.entries.find((entry): entry is ActionEntry => entry.kind === 'action');
  t.match(refused, { error: /leaves no revisions for what is still to be written/, restored: undefined });
  t.same(revisionsOf(run, 'w'), revisions(2, 61));
  t.equal(summaryOf(run, 'w').timesResumed, 0);
  const most = Number.MAX_SAFE_INTEGER - 20 - 30;
  t.equal(runScenario(scenario(`, bumpRevision: ${most}, markCompacted: true`)).summary.currentRev, most + 50);
});

t.test('a backup has the compactions of before, and no others', async (t) => {
  const compactions = 'actions: [{at: 105ms, compact: 9}, {at: 255ms, compact: 25}, ';
  const run = runScenario(scenario('').replace('actions: [', compactions));
  const restore = run.entries.find((entry) => entry.kind === 'action' && entry.restored !== undefined);
  t.match(restore, { compactRev: 9, currentRev: 20, restored: { backupRev: 20, revision: 20 } });
});

t.test('an explanation tells what a restore took back, and what a client waits past', async (t) => {
  const explain = (event: string) => {
    const { opened, plan } = openScenario(scenario('', 'to: 40'));
    return explainEvent(opened, plan.options, parseEventName(event), 'w')[0]!.parts;
  };
  t.match(explain('/k25@27').at(-1), { says: 'undone', currentRev: 20, byBackup: true });
  t.match(explain('/k30@21').at(-1), { says: 'skipped', restored: true, entry: { startRev: 32 } });
});

const key = fc.constantFrom('/a', '/b', '/c', '/d');
const transaction: fc.Arbitrary<Transaction> = fc.uniqueArray(
  fc.oneof(
    {
      weight: 2,
      arbitrary: fc.record({ put: key, value: fc.constantFrom('x', 'y').map((text) => Buffer.from(text)) }),
    },
    fc.record({ delete: key }),
  ),
  { minLength: 1, maxLength: 3, selector: (change) => ('put' in change ? change.put : change.delete) },
);

t.test('property: a restored store goes on from what was there at the revision of the backup', async () => {
  const backup = fc.record({ back: fc.nat(10), bumpRevision: fc.constantFrom(0, 7), markCompacted: fc.boolean() });
  fc.assert(
    fc.property(fc.array(transaction, { minLength: 2, maxLength: 20 }), fc.nat(20), backup, (all, before, how) => {
      const store = new ScriptedStore({ length: all.length, at: (place) => all[place]! }, 1, all.length + 1);
      /** The keys at each revision, from a model that knows nothing of revisions. */
      const states = [new Map<string, string>()];
      const states1 = new Map<number, ReadonlyMap<string, string>>([[1, states[0]!]]);
      const step = (events: readonly { type: string; kv: { key: string; value: Buffer } }[]) => {
        const next = new Map(states.at(-1)!);
        for (const { type, kv } of events) {
          if (type === 'PUT') next.set(kv.key, kv.value.toString());
          else next.delete(kv.key);
        }
        states.push(next);
      };
      const commit = () => {
        const committed = store.commitNext();
        if (committed === undefined) return;
        step(committed.events);
        states1.set(committed.revision, states.at(-1)!);
      };
      for (let i = 0; i < before; i++) commit();
      const revision = Math.max(1, store.currentRev - how.back);
      states.push(new Map(states1.get(revision)!));
      store.restoreBackup({ revision, ...how });
      assert.equal(store.currentRev, revision + how.bumpRevision);
      while (store.hasNext) commit();
      const { kvs } = store.range({ key: '/', end: '0' });
      assert.deepEqual(
        kvs.map((kv) => [kv.key, kv.value.toString()]),
        [...states.at(-1)!].sort(([a], [b]) => (a < b ? -1 : 1)),
      );
      for (const record of store.history.records(0, store.currentRev)) assert.notEqual(record.key, '');
    }),
  );
});

// The bumped revision of an earlier restore was left out, and all behind it had other revisions than in the file.
t.test('a recorded history that skips revisions is not written anew', async (t) => {
  const backend = new MemoryBackend();
  const written = new Store(backend);
  const put = (key: string) => written.write((txn) => txn.put(key, Buffer.from('x')));
  for (let i = 0; i < 5; i++) put('/k');
  backend.tables.key.put(encodeRevisionKey({ main: 100, sub: 0 }), Buffer.alloc(0));
  const history = new Store(backend);
  history.restore();
  history.write((txn) => txn.put('/k', Buffer.from('y')));
  const open = (baseRev: number) => {
    const { plan } = openScenario(scenario(''));
    return openRecorded(history, { ...plan, baseRev, toRev: 101 });
  };
  t.throws(() => open(2), {
    code: 'USAGE',
    message: 'the history goes on at revision 100 behind 6, as it was restored',
  });
  t.equal(open(100).store.commitNext()?.revision, 101);
});

// A recorded history is copied into the same store in memory, so that its transactions can be committed anew.
t.test('a recorded history and one that a scenario writes tell the same', async () => {
  for (const [restore, base] of [
    ['', 1],
    [', bumpRevision: 100, markCompacted: true', 12],
  ] as const) {
    const text = parseScenario(scenario(restore).replace('base: 1', `base: ${base}`), 'scenario');
    const source = openScripted(text);
    const plan = planReplay(source, { scenario: text, watch: [] });
    const whole = source.open({ ...plan, options: { ...plan.options, actions: [] } }).history;
    const recorded = [...checkedReplay(openRecorded(whole, plan), plan.options)];
    assert.deepEqual(recorded, [...checkedReplay(source.open(plan), plan.options)]);
  }
});
