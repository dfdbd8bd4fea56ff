// The summary counts what each watcher received and missed.

import t from 'tap';
import { KNOWN_CASES } from '../../../src/replay/releases/known-cases.js';
import { revisionsOf, runScenario, summaryOf } from '../../support/run-scenario.js';

// Events from before the start of a watcher, as in etcd issue 20221, once counted as those that it was still to be
// given.
t.test('events that a watcher was not to be given make up for none that it was', async (t) => {
  const run = runScenario(`
history: {commits: [{put: {key: a, value: "{i}"}, repeat: 20}]}
base: 2
arrivals: {perSecond: 10}
watchers: [{name: w, key: a, rev: 15}]
actions: [{at: 50ms, restore: true}, {at: 1550ms, stall: w, for: 10s}]
until: 2s
etcd: 3.5.21
`);
  t.same(revisionsOf(run, 'w'), [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
  const { events, repeated, undelivered } = summaryOf(run, 'w');
  // The four undelivered events are the revisions 18 to 21.
  t.same({ events, repeated, undelivered }, { events: 14, repeated: 0, undelivered: 4 });
});

// A client that resumes from an earlier revision receives some events again before the one that it waits for.
t.test('what comes again at the head of a batch does not hide how late the rest is', async (t) => {
  const run = (resumeFrom: string) =>
    runScenario(`
history: {commits: [{put: {key: /a}, repeat: 200}]}
base: 1
arrivals: {perSecond: 10}
watchers: [{name: w, key: /a}]
streams: {w: {disconnectAt: [1s], reconnectAfter: 10s, resumeFrom: ${resumeFrom}}}
actions: [{at: 450ms, progress: w}]
`);
  const late = { maxLagRevs: 101, maxDelayUs: 10_000_000 };
  t.match(summaryOf(run('lastEvent'), 'w'), { ...late, repeated: 0 });
  t.match(summaryOf(run('progress'), 'w'), { ...late, repeated: 5 });
});

t.test('a watcher is as far behind as what never came, also where the replay ends at once', async (t) => {
  const run = (until: string) =>
    runScenario(`
history: {commits: [{put: {key: /a}, repeat: 300}]}
watchers: [{name: w, key: /a}]
streams: {w: {consumer: never}}
${until}
`);
  t.match(summaryOf(run(''), 'w'), { maxLagRevs: 300, maxDelayUs: 0, undelivered: 300 });
  t.match(summaryOf(run('until: 5s'), 'w'), { maxLagRevs: 300, maxDelayUs: 5_000_000, undelivered: 300 });
});

t.test('what a restart took back counts for nothing that the watcher was to be given', async (t) => {
  const known = KNOWN_CASES.find(({ issue }) => issue === 17780)!;
  const summary = summaryOf(runScenario(`${known.scenario}\netcd: ${known.release}\n`), 'pods');
  t.match(summary, { events: 2, lastRevision: 3, undelivered: 2, maxLagRevs: 2 });
});
