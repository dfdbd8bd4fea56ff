// Runs of the server's loops in which nothing can happen are skipped. That must not show.

import assert from 'node:assert/strict';
import t from 'tap';
import { MAX_IDLE_RUNS } from '../../../src/replay/run/bounds.js';
import { replay } from '../../../src/replay/run/replay.js';
import { planReplay } from '../../../src/replay/scenario/plan.js';
import { scenarioOf } from '../../../src/replay/scenario/scenario.js';
import type { ActionText, ScenarioText } from '../../../src/replay/scenario/scenario-text.js';
import { openScripted } from '../../../src/replay/scenario/scripted-source.js';
import fc from '../../support/fast-check.js';
import { draws } from '../../support/random.js';
import { runScenario } from '../../support/run-scenario.js';

/** Periods that meet at common times, and some that do not. */
const period = fc.constantFrom('7ms', '10ms', '20ms', '50ms', '100ms');
const time = fc.constantFrom('0ms', '5ms', '10ms', '50ms', '100ms', '133ms', '200ms', '350ms', '700ms');
const consumer = fc.oneof(
  fc.constantFrom<'atOnce' | 'never'>('atOnce', 'never'),
  fc.record({ every: fc.constantFrom('50ms', '120ms', '300ms', '400ms') }),
  fc.record({ every: fc.constantFrom('50ms', '120ms', '300ms', '400ms') }),
  fc.record({ eventsPerSecond: fc.constantFrom(5, 100) }),
);
const action = fc.oneof(
  fc.record<ActionText>({ at: time, compact: fc.integer({ min: 2, max: 15 }) }),
  fc.record<ActionText>({ at: time, compact: fc.constant({ behind: 1 }) }),
  fc.record<ActionText>({ at: time, stall: fc.constantFrom('a', 'b'), for: time }),
  fc.record<ActionText>({ at: time, progress: fc.constantFrom('a', 'b') }),
  fc.record<ActionText>({ at: time, restart: fc.constant('clean') }),
  fc.record<ActionText>({ at: time, restore: fc.constant(true) }),
  fc.record<ActionText>({ at: time, cancel: fc.constantFrom('a', 'b') }),
);
const scenario = fc.record<ScenarioText>({
  history: fc.constant({ commits: [{ put: { key: '/{i}' }, repeat: 20 }] }),
  base: fc.constantFrom(1, 10, 21),
  arrivals: fc.record({ perSecond: fc.constantFrom(10, 20, 50, 1000) }),
  watchers: fc.constant([
    { name: 'a', key: '/', prefix: true, progressNotify: true },
    { name: 'b', key: '/', prefix: true, rev: 3 },
    { name: 'c', key: '/1', prefix: true, stream: 'b' },
  ]),
  streams: fc.record({
    a: fc.record({ consumer }),
    b: fc.record({ consumer, disconnectAt: fc.uniqueArray(time, { maxLength: 2 }), reconnectAfter: time }),
  }),
  actions: fc.array(action, { maxLength: 2 }),
  parameters: fc.record({
    chanBufLen: fc.constantFrom(1, 2),
    victimRetry: period,
    resyncPeriod: period,
    progressNotifyInterval: fc.constant('100ms'),
  }),
  cost: fc.constantFrom('none', { revisionUs: 700, eventUs: 300 }),
  etcd: fc.constantFrom('3.4.9', '3.5.7', '3.5.12', '3.6.1', '3.7.1'),
  until: fc.constantFrom(undefined, '300ms', '3s') as fc.Arbitrary<string>,
});

t.test('property: a replay that skips is the same', (t) => {
  let victims = 0;
  fc.assert(
    fc.property(scenario, (text) => {
      const { until, ...always } = text;
      const read = scenarioOf(until === undefined ? always : text);
      const source = openScripted(read);
      const plan = planReplay(source, { scenario: read, watch: [] });
      const [skipping, running] = [true, false].map((skips) => [
        ...replay(source.open(plan).store, plan.options, skips),
      ]);
      victims += skipping!.filter((entry) => entry.kind === 'group' && entry.to === 'victim').length;
      assert.deepEqual(skipping, running);
    }),
    { numRuns: draws(250, 800) },
  );
  t.ok(victims > 300, `${victims} victims`);
  t.end();
});

const waiting = (parameters: string) => `
history: {commits: [{put: {key: /a, value: x}, repeat: 3}]}
base: 1
watchers: [{name: s, key: /a}]
parameters: {${parameters}, chanBufLen: 1}
streams: {s: {consumer: {every: 60m}}}
until: 100000m
`;

// A retry each microsecond for ten weeks once took 6·10^12 runs of the loop.
t.test('a long wait takes no time, or says why it would', (t) => {
  const { summary } = runScenario(waiting('victimRetry: 1us'));
  t.match(summary.watchers, [{ events: 3, batches: 3, maxDelayUs: 7_199_998_000 }]);
  t.throws(() => runScenario(waiting('victimRetry: 1us, resyncPeriod: 1us')), {
    code: 'USAGE',
    message: `the server's loops have run ${MAX_IDLE_RUNS} times, and nothing has changed`,
    hint: /until/,
  });
  t.end();
});
