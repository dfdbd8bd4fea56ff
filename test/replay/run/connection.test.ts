// A client that loses its connection: what it and others ask for meanwhile has to wait.

import t from 'tap';
import type { ClientEntry, GroupEntry } from '../../../src/replay/run/trace.js';
import { revisionsOf, runScenario, type ScenarioRun, summaryOf } from '../../support/run-scenario.js';

/** Revision r is committed at (r - 1) * 10 ms. */
const HISTORY = `
history: {commits: [{put: {key: /a, value: "{i}"}, repeat: 40}]}
base: 1
arrivals: {perSecond: 100}
`;
const ALL = Array.from({ length: 40 }, (_, i) => i + 2);

const BROKEN_TWICE = 'streams: {w: {disconnectAt: [105ms, 155ms], reconnectAfter: 100ms}}';
const BROKEN_AND_RESTARTED =
  'streams: {w: {disconnectAt: [105ms], reconnectAfter: 100ms}}\nactions: [{at: 155ms, restart: clean}]';

const clientEntries = ({ entries }: ScenarioRun, watcher: string): [timeUs: number, what: string][] =>
  entries
    .filter((entry): entry is ClientEntry => entry.kind === 'client' && entry.watcher === watcher)
    .map(({ timeUs, what }) => [timeUs, what]);

// A second break came to two watchers for one client: each event came twice, and was reported as a broken guarantee.
t.test('a connection that is down cannot break again', async (t) => {
  for (const text of [BROKEN_TWICE, BROKEN_AND_RESTARTED]) {
    const run = runScenario(`${HISTORY}watchers: [{name: w, key: /a}]\n${text}`);
    t.same(run.checked.violations, []);
    t.same(revisionsOf(run, 'w'), ALL);
    t.same(clientEntries(run, 'w'), [
      [105_000, 'disconnected'],
      [205_000, 'resumed'],
    ]);
    t.equal(summaryOf(run, 'w').timesResumed, 1);
    t.equal(run.summary.metrics.atEnd.watchStreams, 1);
    t.equal(run.summary.metrics.atEnd.watchers, 1);
    t.equal(run.summary.metrics.atEnd.pendingEvents, 0);
  }
});

// It was started on the stream that was gone, under an id that the new stream gave to another.
t.test('a watcher that is started meanwhile is asked for when the client is back', async (t) => {
  const run = runScenario(`${HISTORY}
watchers: [{name: w, key: /a, stream: s}]
streams: {s: {disconnectAt: [105ms], reconnectAfter: 100ms}}
actions:
  - {at: 155ms, watch: {name: next, key: /a, rev: 0, stream: s}}
  - {at: 155ms, watch: {name: old, key: /a, rev: 15, stream: s}}
  - {at: 155ms, watch: {name: not, key: /a, rev: 15, stream: s}}
  - {at: 165ms, cancel: not}
`);
  t.same(run.checked.violations, []);
  t.same(revisionsOf(run, 'next'), ALL.slice(ALL.indexOf(22)));
  t.same(revisionsOf(run, 'old'), ALL.slice(ALL.indexOf(15)));
  t.same(revisionsOf(run, 'not'), []);
  const starts = run.entries.filter((entry): entry is GroupEntry => entry.kind === 'group' && entry.from === undefined);
  t.same(
    starts.map(({ timeUs, watcher }) => [timeUs, watcher]),
    [
      [0, 'w'],
      [205_000, 'w'],
      [205_000, 'next'],
      [205_000, 'old'],
    ],
  );
  t.same(clientEntries(run, 'next'), []);
  t.equal(summaryOf(run, 'not').group, undefined);
});

// It was resumed all the same, and given all that came.
t.test('a watcher that is cancelled meanwhile does not come back', async (t) => {
  const run = runScenario(`${HISTORY}
watchers: [{name: w, key: /a, stream: s}, {name: other, key: /a, stream: s}]
streams: {s: {disconnectAt: [105ms], reconnectAfter: 100ms}}
actions: [{at: 155ms, cancel: w}]
`);
  t.same(run.checked.violations, []);
  t.same(revisionsOf(run, 'w'), ALL.slice(0, 10));
  t.same(revisionsOf(run, 'other'), ALL);
  t.same(clientEntries(run, 'w'), [
    [105_000, 'disconnected'],
    [155_000, 'cancelled'],
  ]);
  const { group, undelivered, maxLagRevs, maxDelayUs } = summaryOf(run, 'w');
  // Revision 12 was committed at 110 ms, 16 at 150 ms.
  t.same(
    { group, undelivered, maxLagRevs, maxDelayUs },
    { group: 'cancelled', undelivered: 5, maxLagRevs: 5, maxDelayUs: 45_000 },
  );
});

// They came all the same, late, and counted as lag of a watcher that was gone.
t.test('what is queued for a watcher that its client cancels is dropped', async (t) => {
  const run = runScenario(`${HISTORY}
watchers: [{name: w, key: /a}, {name: v, key: /a, stream: w}]
streams: {w: {consumer: {every: 100ms}}}
parameters: {chanBufLen: 2}
actions: [{at: 95ms, cancel: w}]
`);
  t.same(revisionsOf(run, 'w'), [2]);
  t.ok(summaryOf(run, 'w').maxDelayUs < 95_000);
  t.same(revisionsOf(run, 'v'), ALL);
  t.same(run.checked.violations, []);
});

// A restart ended the stall.
t.test('a client that is stalled is so on its next connection too', async (t) => {
  const run = runScenario(`${HISTORY}
watchers: [{name: w, key: /a}]
actions: [{at: 55ms, stall: w, for: 1s}, {at: 105ms, restart: clean}]
`);
  const taken = run.entries.filter((entry) => entry.kind === 'response' && entry.timeUs > 55_000);
  t.equal(Math.min(...taken.map(({ timeUs }) => timeUs)), 1_055_000);
  t.same(revisionsOf(run, 'w'), ALL);
});
