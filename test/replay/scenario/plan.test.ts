// The hints in the plan of a replay.

import t from 'tap';
import { openScenario } from '../../support/run-scenario.js';

const hintsOf = (more: string) =>
  openScenario(`
history: {commits: [{put: {key: /a}, repeat: 3}]}
${more}
`).plan.hints;

t.test('a start above the end', async (t) => {
  t.match(hintsOf('watchers: [{name: w, key: /a, rev: 5}]'), [/^every watcher starts above revision 4/]);
  t.same(hintsOf('watchers: [{name: w, key: /a, rev: 5}, {name: next, key: /a, rev: 0}]'), []);
  const later = (rev: number) => `
watchers: [{name: w, key: /a, rev: 5}]
actions: [{at: 1s, watch: {name: later, key: /a, rev: ${rev}}}]`;
  t.same(hintsOf(later(2)), [], 'a watcher that is started later counts');
  t.match(hintsOf(later(5)), [/^every watcher starts above/]);
  t.match(hintsOf(later(-1)), [/below 0 is refused/]);
});

t.test('progress notifications that nothing waits for', async (t) => {
  const notified = `
watchers: [{name: w, key: /a, progressNotify: true}]
parameters: {progressNotifyInterval: 1s}`;
  t.match(hintsOf(notified), [/^the replay does not wait for progress notifications/]);
  t.same(hintsOf(`${notified}\nuntil: 5s`), []);
  t.same(hintsOf('watchers: [{name: w, key: /a, progressNotify: true}]'), [], 'ten minutes are not waited for');
});
