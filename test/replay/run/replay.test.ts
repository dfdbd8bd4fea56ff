// These tests cover the two loops on the virtual clock: when they run, and when a replay is at its end.

import t from 'tap';
import { replay } from '../../../src/replay/run/replay.js';
import type { CommitEntry, PassEntry } from '../../../src/replay/run/trace.js';
import { openScenario, revisionsOf, runScenario, summaryOf } from '../../support/run-scenario.js';

const WRITTEN = 'history: {commits: [{put: {key: /a, value: "{i}"}, repeat: 30}]}';
const ALL = Array.from({ length: 30 }, (_, i) => i + 2);

// Passes that only fill a stream were once taken for passes that change nothing: the replay ended after eight of them.
t.test('a replay is not at its end while sync passes fill a stream', async (t) => {
  const run = runScenario(`
${WRITTEN}
watchers: [{name: w, key: /a, rev: 2}]
streams: {w: {consumer: never}}
parameters: {watchBatchMaxRevs: 1, chanBufLen: 20}
`);
  const { group, timesVictim } = summaryOf(run, 'w');
  t.same({ group, timesVictim }, { group: 'victim', timesVictim: 1 });
  t.equal(run.summary.streams[0]!.queued, 20);
});

// A pass with a cost once saw its own end as still to come, and ignored a consumer that would take something later.
t.test('nor while a slow consumer has something to take, whatever a pass costs', async (t) => {
  const scenario = (cost: string) => `
${WRITTEN}
watchers: [{name: w, key: /a, rev: 2}]
streams: {w: {consumer: {every: 10s}}}
parameters: {watchBatchMaxRevs: 1, chanBufLen: 20}
cost: ${cost}
`;
  for (const cost of ['none', '{revisionUs: 1, eventUs: 0}']) {
    const run = runScenario(scenario(cost));
    t.same(revisionsOf(run, 'w'), ALL, cost);
    t.equal(summaryOf(run, 'w').group, 'synced', cost);
  }
});

t.test('the sync loop keeps its pace where a pass costs something and one action is all that is to come', async (t) => {
  const { entries } = runScenario(`
${WRITTEN}
watchers: [{name: w, key: /a, rev: 2}]
actions: [{at: 250ms, restore: true}]
cost: {revisionUs: 1, eventUs: 0}
`);
  const passes = entries.filter((entry): entry is PassEntry => entry.kind === 'pass').map(({ timeUs }) => timeUs);
  t.same(passes, [30, 300_030]);
});

// An action that was due exactly at the end of a pass, and known before the pass began, once happened within the pass.
t.test('a pass holds the store to its very end', async (t) => {
  const { entries } = runScenario(`
${WRITTEN}
base: 30
arrivals: {perSecond: 1000}
watchers: [{name: w, key: /a, rev: 2}]
cost: {revisionUs: ${1000 / 29}, eventUs: 0}
`);
  const told = entries.filter((entry): entry is PassEntry | CommitEntry => ['pass', 'commit'].includes(entry.kind));
  t.same(
    told.map(({ kind, timeUs }) => [timeUs, kind]),
    [
      [1000, 'pass'],
      [1000, 'commit'],
    ],
  );
});

// A replay once ended at its last action instead, so that events that never came seemed less late.
t.test('a replay that is told to stop ends at that time, whether more was to come or not', async (t) => {
  const scenario = (until: string) => `
${WRITTEN}
base: 1
arrivals: {perSecond: 10}
watchers: [{name: w, key: /a}]
streams: {w: {consumer: never}}
parameters: {resyncPeriod: 10s}
until: ${until}
`;
  const stopped = runScenario(scenario('1550ms'));
  t.equal(stopped.summary.endUs, 1_550_000);
  // Revision 2 was committed at 100 ms.
  t.equal(summaryOf(stopped, 'w').maxDelayUs, 1_450_000);
  const finished = runScenario(scenario('1m'));
  t.equal(finished.summary.endUs, 60_000_000);
  t.equal(summaryOf(finished, 'w').maxDelayUs, 59_900_000);
});

// The victim loop had given up and the sync loop had not, and each once kept the other from ending the replay.
t.test('a stream that is full for good does not keep the others’ replay from ending', async (t) => {
  const run = runScenario(`
history: {commits: [{put: {key: /a}, repeat: 4}]}
watchers: [{name: dead, key: /, prefix: true}, {name: fine, key: /, prefix: true}]
streams: {dead: {consumer: never}}
parameters: {chanBufLen: 1, watchBatchMaxRevs: 1}
`);
  t.same(revisionsOf(run, 'fine'), [2, 3, 4, 5]);
  t.match(summaryOf(run, 'dead'), { group: 'victim', events: 0, undelivered: 4, maxLagRevs: 4 });
  t.equal(run.summary.endUs, 300_000);
});

// The loop once ticked ten times a second of virtual time: a commit after a year took longer than a lifetime.
t.test('a sync loop with nothing to do takes no time, and keeps its pace', async (t) => {
  const { entries, summary } = runScenario(`
history: {commits: [{put: {key: /a}, repeat: 2}]}
base: 1
arrivals: {perSecond: 0.00000003}
watchers: [{name: w, key: /a, rev: 0}]
actions: [{at: 365ms, restore: true}, {at: 60000000m, restore: true}]
`);
  const passes = entries.filter((entry): entry is PassEntry => entry.kind === 'pass').map(({ timeUs }) => timeUs);
  t.same(passes, [400_000, 3_600_000_000_000_000]);
  t.equal(summary.watchers[0]!.events, 2);
});

// The times of such pauses are too large to be whole numbers of microseconds.
t.test('a replay whose pauses take centuries ends with an error', async (t) => {
  const yaml = `
history: {commits: [{put: {key: /a}, repeat: 10}]}
base: 1
arrivals: {perSecond: 1.0e-9}
`;
  t.throws(() => runScenario(yaml), { code: 'USAGE', message: /^the replay goes on after 9007199254/ });
  t.equal(runScenario(`${yaml}until: 4000000000s`).summary.endUs, 4e15);
});

// The gaps of the compaction were once taken for damage, as the store no longer knew of the compaction.
t.test('a store that a restart has set below its last compaction is read with the gaps that it has', async (t) => {
  const run = runScenario(`
history: {commits: [{put: {key: /x}, repeat: 5}, {put: {key: /a}}, {delete: {key: /a}}]}
watchers: [{name: early, key: /, prefix: true}]
actions:
  - {at: 100ms, compact: 8}
  - {at: 200ms, restart: cutShort}
  - {at: 300ms, watch: {name: late, key: /, prefix: true, rev: 1}}
etcd: 3.5.13
`);
  t.same(revisionsOf(run, 'early'), [2, 3, 4, 5, 6, 7, 8]);
  t.same(revisionsOf(run, 'late'), [6]);
  t.equal(run.summary.currentRev, 6);
});

// A reader of the store between two entries once saw the state at the end of the whole clock step.
t.test('every entry says where the store stood at its moment', async (t) => {
  const { entries } = runScenario(`
${WRITTEN}
base: 10
arrivals: {perSecond: 100}
watchers: [{name: w, key: /a, rev: 0}]
actions: [{at: 55ms, compact: {behind: 2}}]
`);
  for (const { kind, currentRev, compactRev, ...entry } of entries) {
    if (kind === 'commit' || kind === 'response') t.match(entry, { revision: currentRev });
    t.equal(compactRev, entry.timeUs < 55_000 ? -1 : 13, `${kind} at ${entry.timeUs}`);
  }
  t.match(entries.at(-1), { kind: 'end', currentRev: 31, compactRev: 13 });
});

// Each of the two once got the events of the other as well, and the guarantees of both seemed broken.
t.test('two watchers of one name are refused, also where the first is cancelled before', async (t) => {
  const text = (first: string) => `
${WRITTEN}
watchers: [{name: w, key: /a}]
actions: [{at: 1ms, cancel: w}, {at: 2ms, watch: {name: ${first}, key: /a}}]
`;
  t.throws(() => openScenario(text('w')), { code: 'USAGE', message: 'two watchers are named "w"' });
  const { opened, plan } = openScenario(text('v'));
  const { watchers } = plan.options;
  t.throws(() => replay(opened.store, { ...plan.options, watchers: [...watchers, ...watchers] }), {
    code: 'USAGE',
    message: 'two watchers are named "w"',
  });
});
