// A view of a history that is written once must show a replay the same as a store of its own would.

import assert from 'node:assert/strict';
import t from 'tap';
import { VARIATION_KINDS, vary } from '../../../src/replay/explore/vary.js';
import { checkedReplay } from '../../../src/replay/findings/checked-replay.js';
import { ScriptedStore } from '../../../src/replay/run/scripted-store.js';
import { WrittenHistory } from '../../../src/replay/run/written-history.js';
import { planReplay } from '../../../src/replay/scenario/plan.js';
import { scenarioOf } from '../../../src/replay/scenario/scenario.js';
import type { ActionText, CommitText, ScenarioText } from '../../../src/replay/scenario/scenario-text.js';
import { openScripted } from '../../../src/replay/scenario/scripted-source.js';
import fc from '../../support/fast-check.js';

const key = fc.constantFrom('/a', '/b', '/c', '/{i}');
const commit = fc.oneof(
  { weight: 3, arbitrary: fc.record<CommitText>({ put: fc.record({ key, value: fc.constantFrom('x', '{i}') }) }) },
  fc.record<CommitText>({ delete: fc.record({ key }) }),
  fc.record<CommitText>({ delete: fc.constant({ key: '/', prefix: true }) }),
  fc.record<CommitText>({
    txn: fc.uniqueArray(fc.record({ put: fc.record({ key }) }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ put }) => put.key,
    }),
  }),
);
const action = fc.oneof(
  fc.constant<ActionText>({ at: '20ms', restore: true }),
  fc.constant<ActionText>({ at: '30ms', restart: 'clean' }),
  fc.constant<ActionText>({ at: '40ms', progress: 'slow' }),
  fc.constant<ActionText>({ at: '50ms', watch: { name: 'late', key: '/', prefix: true, rev: 3, prevKv: true } }),
  fc.record<ActionText>({ at: fc.constantFrom('10ms', '60ms'), compact: fc.integer({ min: 1, max: 20 }) }),
);
const scenario = fc.record<ScenarioText>({
  history: fc.record({ commits: fc.array(commit, { minLength: 1, maxLength: 20 }) }),
  base: fc.constant(1),
  arrivals: fc.constant({ perSecond: 200 }),
  watchers: fc.constant([
    { name: 'slow', key: '/', prefix: true, prevKv: true },
    { name: 'a', key: '/a', stream: 'slow' },
  ]),
  streams: fc.constant({ slow: { consumer: { every: '20ms' }, disconnectAt: ['70ms'] } }),
  actions: fc.uniqueArray(action, { maxLength: 4, selector: ({ watch, ...rest }) => JSON.stringify(watch ?? rest) }),
  etcd: fc.constantFrom('3.4.9', '3.5.7', '3.5.12', '3.5.15', '3.5.17', '3.6.1', '3.7.1'),
});

t.test('property: a view and a store of its own tell the same', async (t) => {
  const base = { commits: 20, lengthUs: 200_000, streams: ['slow'] };
  let entries = 0;
  fc.assert(
    fc.property(scenario, fc.nat(), (text, seed) => {
      const varied = scenarioOf(vary(text, seed, new Set(VARIATION_KINDS), base));
      if (!('commits' in varied.history)) return;
      const source = openScripted(varied);
      const plan = planReplay(source, { scenario: varied, watch: [] });
      const { changing } = new WrittenHistory(varied.history.commits);
      const store = new ScriptedStore(changing, plan.baseRev, plan.toRev, plan.options.release.behaviours);
      const viewed = [...checkedReplay(source.open(plan), plan.options)];
      const stored = [...checkedReplay({ store, history: store.history, recorded: false }, plan.options)];
      entries += viewed.length;
      assert.deepEqual(viewed, stored);
    }),
    { numRuns: 300 },
  );
  t.ok(entries > 3000, `${entries} entries`);
});
