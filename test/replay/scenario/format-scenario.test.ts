import t from 'tap';
import { VARIATION_KINDS, vary } from '../../../src/replay/explore/vary.js';
import { KNOWN_CASES } from '../../../src/replay/releases/known-cases.js';
import { formatScenario } from '../../../src/replay/scenario/format-scenario.js';
import { parseScenario } from '../../../src/replay/scenario/parse-scenario.js';
import type { ScenarioText } from '../../../src/replay/scenario/scenario-text.js';

t.test('as one would write it', async (t) => {
  const text: ScenarioText = {
    etcd: '3.5.12',
    actions: [
      { at: '900ms', compact: { behind: 2 } },
      { at: '1s', stall: 'slow', for: '2s' },
    ],
    streams: { slow: { consumer: { every: '1s' } } },
    watchers: [{ name: 'slow', key: '/', prefix: true }],
    history: { commits: [{ put: { key: '/a', value: '{i}' }, repeat: 300 }] },
    about: 'slow: too slow',
  };
  t.equal(
    formatScenario(text),
    `about: "slow: too slow"
history:
  commits: [{put: {key: /a, value: "{i}"}, repeat: 300}]
watchers: [{name: slow, key: /, prefix: true}]
streams: {slow: {consumer: {every: 1s}}}
actions:
  - {at: 900ms, compact: {behind: 2}}
  - {at: 1s, stall: slow, for: 2s}
etcd: 3.5.12
`,
  );
});

t.test('what is too long for a line is broken up', async (t) => {
  const streams = Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [`stream-${i}`, { consumer: { every: '10ms' } }]),
  );
  const yaml = formatScenario({ history: { database: '/var/lib/etcd.db' }, streams });
  t.match(
    yaml,
    /^history: \{database: \/var\/lib\/etcd\.db\}\nstreams:\n {2}stream-0: \{consumer: \{every: 10ms\}\}\n/,
  );
});

t.test('it reads as what it was written from', async (t) => {
  const base = { commits: 20, lengthUs: 1e6, streams: ['slow', 'a b: [c]'] };
  for (const { name, scenario } of KNOWN_CASES) {
    const { text } = parseScenario(scenario, name);
    for (let seed = 1; seed <= 20; seed++) {
      const varied = vary(text, seed, new Set(VARIATION_KINDS), base);
      t.same(parseScenario(formatScenario(varied), name).text, varied);
    }
  }
});
