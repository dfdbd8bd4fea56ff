// A replay must report the guarantees that are broken, and only those.

import t from 'tap';
import { parseEventName } from '../../../src/replay/run/event-name.js';
import { revisionsOf, runScenario, summaryOf } from '../../support/run-scenario.js';

/** Revision r is committed at (r - 1) * 10 ms. */
const HISTORY = `
history: {commits: [{txn: [{put: {key: /a, value: "{i}"}}, {put: {key: /b, value: "{i}"}}], repeat: 40}]}
base: 1
arrivals: {perSecond: 100}
`;

// Such progress was once held to promise also what was committed after the cancel of the watcher.
t.test('progress of a stream promises nothing to a watcher that has left it', async (t) => {
  const run = runScenario(`${HISTORY}
watchers: [{name: gone, key: /a, stream: s}, {name: quiet, key: /c, stream: s}]
actions: [{at: 155ms, cancel: gone}, {at: 255ms, progress: s}]
`);
  t.same(run.checked.violations, []);
  t.equal(run.checked.ledgers.size, 0);
  t.equal(summaryOf(run, 'gone').lastRevision, 16);
});

// The events of a client that stops within a response are checked only once it is known how far the client came. The
// progress was once checked after events that came later than it.
t.test('progress is checked in its place with a client that may stop within a response', async (t) => {
  const run = (streams: string) =>
    runScenario(`${HISTORY}
watchers: [{name: w, key: /, prefix: true}]
streams: {w: {resumeFrom: midTransaction${streams}}}
actions: [{at: 205ms, progress: w}]
`);
  t.same(run('').checked.violations, []);

  // The response before the break is the progress, and a client cannot stop within it.
  const behindProgress = run(', disconnectAt: [207ms]');
  t.same(behindProgress.checked.violations, []);
  t.equal(revisionsOf(behindProgress, 'w').length, 80);

  const behindEvents = run(', disconnectAt: [215ms]');
  t.same(behindEvents.checked.ledgers.get('w')?.lost, { count: 1, first: [parseEventName('/b@22')] });
});
