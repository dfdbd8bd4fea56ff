import t from 'tap';
import { VARIATION_KINDS, type VariationKind, vary } from '../../../src/replay/explore/vary.js';
import { isScenarioText } from '../../../src/replay/scenario/parse-scenario.js';
import { scenarioOf } from '../../../src/replay/scenario/scenario.js';
import type { ScenarioText } from '../../../src/replay/scenario/scenario-text.js';

const BASE = { commits: 100, lengthUs: 3_000_000, streams: ['pods', 'late'] };
const TEXT: ScenarioText = {
  history: { commits: [{ put: { key: '/a' }, repeat: 100 }] },
  base: 1,
  watchers: [{ name: 'pods', key: '/' }],
  streams: { pods: { consumer: { every: '10ms' }, disconnectAt: ['1s'] }, late: { consumer: { eventsPerSecond: 5 } } },
  actions: [
    { at: '1s', watch: { name: 'late', key: '/a' } },
    { at: '2s', compact: 40 },
  ],
  parameters: { resyncPeriod: '50ms' },
};
const SEEDS = Array.from({ length: 200 }, (_, i) => i + 1);
const ALL = new Set(VARIATION_KINDS);

/** The parts of a text that each kind of variation may change. */
const CHANGES: Readonly<Record<VariationKind, (text: ScenarioText) => unknown>> = {
  rates: ({ arrivals, streams }) => [arrivals, streams?.pods?.consumer, streams?.late?.consumer],
  buffers: ({ parameters }) => parameters,
  times: ({ actions = [], streams }) => [
    actions.filter(({ stall, compact }) => stall === undefined && compact === undefined),
    streams?.pods?.disconnectAt,
  ],
  stalls: ({ actions = [] }) => actions.filter(({ stall }) => stall !== undefined),
  compactions: ({ actions = [] }) => actions.filter(({ compact }) => compact !== undefined),
};

t.test('every variation is a scenario, over the same history', async (t) => {
  for (const seed of SEEDS) {
    const text = vary(TEXT, seed, ALL, BASE);
    t.ok(isScenarioText(text), JSON.stringify(text));
    scenarioOf(text);
    t.equal(text.history, TEXT.history);
    t.same(vary(TEXT, seed, ALL, BASE), text, 'the same again');
  }
});

t.test('each kind changes what it says, and nothing of the others', async (t) => {
  const written = (text: ScenarioText, kind: VariationKind) => JSON.stringify(CHANGES[kind](text));
  for (const kind of VARIATION_KINDS) {
    const only = SEEDS.map((seed) => vary(TEXT, seed, new Set([kind]), BASE));
    const drawn = new Set(only.map((text) => written(text, kind)));
    t.ok(drawn.size > (kind === 'buffers' ? 30 : 100), `${kind}: ${drawn.size} different ones`);
    for (const other of VARIATION_KINDS.filter((name) => name !== kind)) {
      t.ok(only.every((text) => written(text, other) === written(TEXT, other)));
    }
  }
});

t.test('corners are met often', async (t) => {
  const texts = SEEDS.map((seed) => vary(TEXT, seed, ALL, BASE));
  const share = (holds: (text: ScenarioText) => boolean) => texts.filter(holds).length / texts.length;
  t.ok(share(({ parameters }) => (parameters?.chanBufLen ?? 128) <= 2) > 0.3);
  t.ok(share(({ parameters }) => parameters?.watchBatchMaxRevs === 1) > 0.03);
  t.ok(
    share(({ actions = [] }) => actions.some(({ compact = 0 }) => typeof compact === 'object' && compact.behind < 2)) >
      0.3,
  );
  t.ok(share(({ actions = [] }) => actions.some(({ stall }) => stall === 'late')) > 0.3);
});
