// What a watcher came to, counted.

import t from 'tap';
import { revisionsOf, runScenario, summaryOf } from '../support/run-scenario.js';

// Events from before its start, as etcd issue 20221 sends them, were taken for those that it still had to be given.
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
  // Revisions 18 to 21.
  t.same({ events, repeated, undelivered }, { events: 14, repeated: 0, undelivered: 4 });
});
