// While a client has no connection, its requests and those of others on the stream have to wait.

import t from 'tap';
import type { ClientEntry, Delivery, GroupEntry } from '../../../src/replay/run/trace.js';
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

// A second break once gave a client two watchers: each event came twice, and was reported as a broken guarantee.
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

// Such a watcher was once started on the stream that was gone, under an id that the new stream gave to another watcher.
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

// Such a watcher was once resumed all the same, and given all events.
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
  // Revision 12 was committed at 110 ms, and revision 16 at 150 ms.
  t.same(
    { group, undelivered, maxLagRevs, maxDelayUs },
    { group: 'cancelled', undelivered: 5, maxLagRevs: 5, maxDelayUs: 45_000 },
  );
});

// Such events once came late, and counted as lag of a watcher that was gone.
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

// A restart once ended the stall.
t.test('a client that is stalled is so on its next connection too', async (t) => {
  const run = runScenario(`${HISTORY}
watchers: [{name: w, key: /a}]
actions: [{at: 55ms, stall: w, for: 1s}, {at: 105ms, restart: clean}]
`);
  const taken = run.entries.filter((entry) => entry.kind === 'response' && entry.timeUs > 55_000);
  t.equal(Math.min(...taken.map(({ timeUs }) => timeUs)), 1_055_000);
  t.same(revisionsOf(run, 'w'), ALL);
});

const responsesOf = ({ entries }: ScenarioRun): [timeUs: number, watcher: string, via: string, revision: number][] =>
  entries
    .filter((entry): entry is Delivery => entry.kind === 'response')
    .map(({ timeUs, watcher, via, revision }) => [timeUs, watcher, via, revision]);

t.test('progress is notified by interval, as long as the replay was told to last', async (t) => {
  const text = `
history: {commits: [{put: {key: /a}, repeat: 3}]}
base: 3
arrivals: {perSecond: 4}
watchers: [{name: w, key: /a, rev: 0, progressNotify: true}, {name: other, key: /a, rev: 0}]
parameters: {progressNotifyInterval: 100ms}
`;
  t.same(responsesOf(runScenario(text)), [
    [100_000, 'w', 'progress', 3],
    [200_000, 'w', 'progress', 3],
    [250_000, 'w', 'notify', 4],
    [250_000, 'other', 'notify', 4],
  ]);
  const until = runScenario(`${text}until: 550ms`);
  t.same(
    responsesOf(until).slice(4),
    [
      [400_000, 'w', 'progress', 4],
      [500_000, 'w', 'progress', 4],
    ],
    'none at 300 ms, as an event was sent in that interval',
  );
  t.equal(until.summary.endUs, 550_000);
  t.same(until.checked.violations, []);
});

// The notifications once counted as changes, and as messages that have to be taken before the end.
t.test('a replay ends, though progress is notified for ever', async (t) => {
  const stuck = (more: string) => `
history: {commits: [{put: {key: /a}, repeat: 6}]}
base: 1
watchers: [{name: w, key: /a, stream: s}, {name: told, key: /b, progressNotify: true}]
${more}`;
  const victim = runScenario(
    stuck(`
streams: {s: {consumer: never}}
parameters: {chanBufLen: 1, victimRetry: 1s, progressNotifyInterval: 1s}
`),
  );
  t.equal(summaryOf(victim, 'w').group, 'victim');
  const compacted = runScenario(
    stuck(`
streams: {s: {consumer: never}}
parameters: {chanBufLen: 1, progressNotifyInterval: 100ms}
actions: [{at: 20ms, compact: 7}, {at: 30ms, watch: {name: late, key: /a, rev: 2, stream: s}}]
`),
  );
  t.equal(summaryOf(compacted, 'late').group, 'unsynced');
  const slow = runScenario(
    stuck(`
streams: {told: {consumer: {every: 2s}}, s: {consumer: {every: 1s}}}
parameters: {progressNotifyInterval: 1s}
`),
  );
  t.same(revisionsOf(slow, 'w'), [2, 3, 4, 5, 6, 7]);
  t.equal(responsesOf(slow).at(-1)![0], 5_001_000, 'the end is the last event');
});

t.test('the interval begins when a connection is opened', async (t) => {
  const run = runScenario(`
history: {commits: [{put: {key: /a}}, {put: {key: /b}}]}
base: 2
arrivals: {perSecond: 5}
watchers: []
streams: {s: {disconnectAt: [130ms], reconnectAfter: 20ms}}
actions: [{at: 60ms, watch: {name: w, key: /a, rev: 0, progressNotify: true, stream: s}}]
parameters: {progressNotifyInterval: 100ms}
until: 400ms
`);
  t.same(
    responsesOf(run).map(([timeUs]) => timeUs),
    [250_000, 350_000],
  );
});

t.test('a response in several messages is handed on when its last one has come', async (t) => {
  const text = (client: string) => `
history: {commits: [{put: {key: /a, value: ${'x'.repeat(300_000)}}, repeat: 3}]}
watchers: [{name: w, key: /a, fragment: true, rev: 2}]
parameters: {maxRequestBytes: 1}
streams: {w: {consumer: {every: 100ms}${client}}}
`;
  const messagesOf = ({ entries }: ScenarioRun) =>
    entries.flatMap((entry) => {
      if (entry.kind === 'fragment') return [[entry.timeUs, entry.events]];
      return entry.kind === 'response' ? [[entry.timeUs, entry.messages, entry.events.length]] : [];
    });
  const whole = runScenario(text(''));
  t.same(messagesOf(whole), [
    [0, 1],
    [100_000, 1],
    [200_000, 3, 3],
  ]);
  t.same(whole.checked.violations, []);
  // The client forgets an incomplete response with its connection, as the client of etcd does.
  const broken = runScenario(text(', disconnectAt: [150ms], reconnectAfter: 100ms'));
  t.same(messagesOf(broken).slice(2), [
    [300_000, 1],
    [400_000, 1],
    [500_000, 3, 3],
  ]);
  t.same(broken.checked.violations, []);
});

t.test('what comes between the messages of a response', async (t) => {
  const text = (action: string) => `
history: {commits: [{put: {key: /a, value: ${'x'.repeat(300_000)}}, repeat: 3}]}
watchers: [{name: w, key: /a, fragment: true, rev: 2, stream: s}, {name: other, key: /b, rev: 2, stream: s}]
parameters: {maxRequestBytes: 1}
streams: {s: {consumer: {every: 100ms}}}
actions: [{at: 50ms, ${action}}]
etcd: 3.5.7
`;
  const asked = runScenario(text('progress: s'));
  t.same(responsesOf(asked), [
    [200_000, 'w', 'sync', 4],
    [200_000, '*', 'progress', 4],
  ]);
  t.same(revisionsOf(asked, 'w'), [2, 3, 4]);
  t.same(revisionsOf(asked, 'other'), []);
  t.same(asked.checked.violations, []);
  t.same(responsesOf(runScenario(text('cancel: w'))), [], 'a client that has cancelled takes no more');
});

t.test('a response to a watcher that is not told of yet waits, and comes whole', async (t) => {
  const run = runScenario(`
history: {commits: [{put: {key: /a, value: ${'x'.repeat(300_000)}}, repeat: 3}]}
watchers: [{name: first, key: /z, rev: 2}]
actions: [{at: 100ms, watch: {name: w, key: /a, fragment: true, rev: 2}}, {at: 100ms, restore: true}]
parameters: {maxRequestBytes: 1}
`);
  const told = run.entries.flatMap((entry) => {
    if (!('watcher' in entry) || entry.watcher !== 'w') return [];
    return [entry.kind === 'response' ? `${entry.messages} message at ${entry.timeUs}` : entry.kind];
  });
  t.same(told.slice(-2), ['answer', '1 message at 100000']);
});

t.test('a watcher that starts below revision 0', async (t) => {
  const text = (etcd: string) => `
history: {commits: [{put: {key: /a}, repeat: 3}]}
watchers: [{name: below, key: /a, rev: -1}, {name: w, key: /a, rev: 2}]
etcd: ${etcd}
`;
  for (const etcd of ['3.4.38', '3.5.24', '3.6.6', '3.7.1']) {
    const run = runScenario(text(etcd));
    t.match(summaryOf(run, 'below'), { refused: true, group: undefined, events: 0 });
    t.same(revisionsOf(run, 'w'), [2, 3, 4]);
    t.same(run.checked.violations, []);
  }
  for (const etcd of ['3.4.37', '3.5.23', '3.6.5']) {
    const run = runScenario(text(etcd));
    t.match(summaryOf(run, 'below'), { refused: false, group: 'synced', events: 0 });
    t.match(summaryOf(run, 'w'), { group: 'synced', events: 0, undelivered: 3 });
    t.same(
      run.checked.violations.map(({ watcher, guarantee }) => `${watcher} ${guarantee}`),
      ['below undelivered', 'w undelivered'],
    );
  }
});

t.test('what becomes of a progress request', async (t) => {
  const run = runScenario(`
history: {commits: [{put: {key: /a}}]}
watchers: [{name: w, key: /a, rev: 2}]
streams: {w: {disconnectAt: [10ms], reconnectAfter: 10ms}}
actions: [{at: 15ms, progress: w}, {at: 25ms, progress: w}, {at: 500ms, progress: w}]
`);
  t.same(
    run.entries.flatMap((entry) => (entry.kind === 'action' ? [entry.outcome] : [])),
    ['notConnected', 'notSynced', 'notSynced'],
    'the client resumes from revision 3, which is still to come',
  );
  const none = runScenario(`
history: {commits: [{put: {key: /a}}]}
watchers: [{name: w, key: /a, rev: 2}]
actions: [{at: 10ms, cancel: w}, {at: 20ms, progress: w}]
`);
  t.match(none.entries.at(-2), { action: 'progress w', outcome: 'noWatchers' });
});

// A pass holds the store, so the server checks again only when all watchers of the pass are in their groups.
t.test('deferred progress comes behind the events of the pass that has synced the watchers', async (t) => {
  const run = runScenario(`
history: {commits: [{put: {key: /a}}, {put: {key: /b}}]}
watchers: []
actions:
  - {at: 10ms, watch: {name: a, key: /a, rev: 2, stream: s}}
  - {at: 10ms, watch: {name: b, key: /b, rev: 2, stream: s}}
  - {at: 20ms, progress: s}
etcd: 3.5.12
`);
  t.same(responsesOf(run), [
    [100_000, 'a', 'sync', 3],
    [100_000, 'b', 'sync', 3],
    [100_000, '*', 'progress', 3],
  ]);
});
