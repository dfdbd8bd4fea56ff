// The hints in the plan of a replay.

import t from 'tap';
import { MAX_NOTIFICATIONS, MAX_WATCHERS } from '../../../src/replay/run/bounds.js';
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

t.test('more than a replay can hold or send', async (t) => {
  const repeated = (count: number) => `watchers: [{name: "w{i}", key: /a, repeat: ${count}}]`;
  t.throws(() => hintsOf(repeated(MAX_WATCHERS + 1)), {
    code: 'USAGE',
    message: /watchers\.0\.repeat must be <= 25000$/,
  });
  t.throws(
    () => hintsOf(`watchers: [{name: "w{i}", key: /a, repeat: 13000}, {name: "x{i}", key: /a, repeat: 13000}]`),
    {
      code: 'USAGE',
      message: 'scenario:3: watchers: there are 26000 watchers',
      hint: 'at most 25000',
    },
  );
  t.throws(() => hintsOf(`${repeated(MAX_WATCHERS)}\nactions: [{at: 1s, watch: {name: one, key: /a}}]`), {
    code: 'USAGE',
    message: 'there are 25001 watchers',
  });
  const notified = `
watchers: [{name: w, key: /a, progressNotify: true}]
parameters: {progressNotifyInterval: 100ms}`;
  t.doesNotThrow(() => hintsOf(`${notified}\nuntil: 1000000s`));
  t.throws(() => hintsOf(`${notified}\nuntil: 1000001s`), {
    code: 'USAGE',
    message: `the watchers would get 10000010 progress notifications, at most ${MAX_NOTIFICATIONS}`,
  });
});
