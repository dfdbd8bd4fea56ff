import assert from 'node:assert/strict';
import t from 'tap';
import { complexityOf, isSimpler } from '../../../src/replay/explore/complexity.js';
import { shrink } from '../../../src/replay/explore/shrink.js';
import { VARIATION_KINDS, vary } from '../../../src/replay/explore/vary.js';
import { parseDuration } from '../../../src/replay/run/duration.js';
import { isScenarioText } from '../../../src/replay/scenario/parse-scenario.js';
import type { ActionText, CommitText, ScenarioText } from '../../../src/replay/scenario/scenario-text.js';
import fc from '../../support/fast-check.js';

const LARGE: ScenarioText = {
  about: 'much of it',
  history: {
    commits: [
      { put: { key: '/a', value: 'v{i}' }, repeat: 300 },
      { txn: [{ put: { key: '/b' } }, { delete: { key: '/a' } }, { put: { key: '/c' } }] },
      { delete: { key: '/b' } },
      { put: { key: '/d' } },
      { put: { key: '/d' } },
    ],
  },
  base: 20,
  arrivals: { perSecond: 123, poisson: true },
  watchers: [
    { name: 'one', key: '/', prefix: true, filter: ['put'], rev: 7 },
    { name: 'two', key: '/a', stream: 'shared' },
  ],
  streams: { one: { consumer: { every: '137ms' } }, shared: { consumer: { eventsPerSecond: 17 } } },
  actions: [
    { at: '913ms', compact: { behind: 17 } },
    { at: '1.234567s', stall: 'one', for: '777ms' },
    { at: '2s', watch: { name: 'late', key: '/c' } },
    { at: '3s', compact: 200 },
    { at: '4s', restore: true },
  ],
  parameters: { chanBufLen: 13, watchBatchMaxRevs: 100, resyncPeriod: '50ms' },
  cost: 'measured',
  etcd: '3.5.12',
  seed: 4,
  until: '20s',
};

const commitsOf = ({ history }: ScenarioText): readonly CommitText[] => history.commits ?? [];
const puts = (text: ScenarioText, key: string): number =>
  commitsOf(text).reduce((sum, { put, repeat = 1 }) => sum + (put?.key === key ? repeat : 0), 0);
const actions = (text: ScenarioText): readonly ActionText[] => text.actions ?? [];
const stalls = (text: ScenarioText) => actions(text).filter(({ stall }) => stall === 'one');
const us = (time = '0us'): number => parseDuration(time);

t.test('what a failure does not need goes', async (t) => {
  const identity = { about: 'much of it', etcd: '3.5.12', seed: 4 };
  const none = { history: { commits: [] } };
  const table: [about: string, fails: (text: ScenarioText) => boolean, left: Omit<ScenarioText, 'about'>][] = [
    ['nothing is needed', () => true, none],
    ['so many puts', (text) => puts(text, '/a') >= 37, { history: { commits: [{ put: { key: '/a' }, repeat: 37 }] } }],
    [
      'a field in the middle of it',
      (text) => text.watchers?.some(({ filter }) => filter?.includes('put') === true) === true,
      { ...none, watchers: [{ name: 'one', key: '/', filter: ['put'] }] },
    ],
    [
      'neighbours that are the same are one',
      (text) => puts(text, '/d') >= 2,
      { history: { commits: [{ put: { key: '/d' }, repeat: 2 }] } },
    ],
    [
      'a transaction of one change',
      (text) => commitsOf(text).some(({ put, txn }) => (put ?? txn?.find((change) => change.put)?.put)?.key === '/b'),
      { history: { commits: [{ put: { key: '/b' } }] } },
    ],
    [
      'a transaction that is needed as one',
      (text) => commitsOf(text).some(({ txn }) => txn?.some(({ delete: del }) => del?.key === '/a') === true),
      { history: { commits: [{ txn: [{ delete: { key: '/a' } }] }] } },
    ],
    [
      'two of five actions',
      (text) => actions(text).some(({ restore }) => restore) && actions(text).some(({ compact }) => compact === 200),
      {
        ...none,
        actions: [
          { at: '0us', compact: 200 },
          { at: '0us', restore: true },
        ],
      },
    ],
    [
      'a consumer that is slow, however slow',
      (text) => typeof text.streams?.one?.consumer !== 'undefined',
      { ...none, streams: { one: { consumer: 'never' } } },
    ],
    [
      'times are rounded, as far as they can be',
      (text) => stalls(text).some(({ at, for: length }) => us(at) >= 1.19e6 && us(length) >= 734e3),
      { ...none, actions: [{ at: '2s', stall: 'one', for: '1s' }] },
    ],
    [
      'times that leave less room',
      (text) => stalls(text).some(({ at, for: length }) => us(at) > 1.19e6 && us(at) <= 1.26e6 && us(length) === 777e3),
      { ...none, actions: [{ at: '1.2s', stall: 'one', for: '777ms' }] },
    ],
    [
      'a plain revision in place of one behind',
      (text) => actions(text).some(({ compact }) => typeof compact === 'object' || compact === 9),
      { ...none, actions: [{ at: '0us', compact: 9 }] },
    ],
    [
      'a watcher that need not come later',
      (text) => [...(text.watchers ?? []), ...actions(text).map(({ watch }) => watch)].some((w) => w?.name === 'late'),
      { ...none, watchers: [{ name: 'late', key: '/c' }] },
    ],
    [
      'a rate is rounded to one that is easy to read',
      (text) => (text.arrivals?.perSecond ?? 0) > 90,
      { ...none, arrivals: { perSecond: 100 } },
    ],
    [
      'the least that will do',
      (text) => (text.parameters?.chanBufLen ?? 128) <= 13 && puts(text, '/a') > 2 * (text.parameters?.chanBufLen ?? 0),
      { history: { commits: [{ put: { key: '/a' }, repeat: 3 }] }, parameters: { chanBufLen: 1 } },
    ],
  ];
  for (const [about, fails, left] of table) {
    const { text } = shrink(LARGE, fails);
    t.same(text, { ...identity, ...left }, about);
  }
});

t.test('of a recorded history less is replayed', async (t) => {
  const recorded = { history: { database: 'x.db' }, base: 180, from: 100, to: 400, arrivals: { perSecond: 10 } };
  const fails = ({ from = 1, base, to = 400 }: ScenarioText) => from <= 250 && (base ?? to) <= 260 && to >= 300;
  t.same(shrink(recorded, fails).text, { history: { database: 'x.db' }, base: 260, from: 250, to: 300 });
});

t.test('no more runs than are allowed', async (t) => {
  let runs = 0;
  const count = () => {
    runs++;
    return runs % 2 === 0;
  };
  const seen: number[] = [];
  t.equal(shrink(LARGE, count, { maxRuns: 30, onProgress: (done) => seen.push(done) }).runs, 30);
  t.equal(runs, 30);
  t.same(
    seen,
    Array.from({ length: 30 }, (_, i) => i + 1),
  );
});

t.test('others are tried where nothing more goes', async (t) => {
  // The text gets smaller only if the puts and the buffer shrink together.
  const fails = (text: ScenarioText) => puts(text, '/a') >= 2 * (text.parameters?.chanBufLen ?? 150);
  const start = { history: { commits: [{ put: { key: '/a' }, repeat: 300 }] } };
  t.equal(puts(shrink(start, fails).text, '/a'), 300);
  const others = (text: ScenarioText) => [
    { ...text, history: { commits: [{ put: { key: '/a' }, repeat: 20 }] }, parameters: { chanBufLen: 10 } },
  ];
  t.same(shrink(start, fails, { others }).text, {
    history: { commits: [{ put: { key: '/a' }, repeat: 2 }] },
    parameters: { chanBufLen: 1 },
  });
});

t.test('property: the result fails, is a scenario, is no larger, and shrinks no more', async () => {
  const base = { commits: 300, lengthUs: 5e6, streams: ['one', 'shared'] };
  const kinds = fc.subarray([...VARIATION_KINDS]);
  // The parts that a text must have to fail, drawn from all that it may have.
  const needs = fc.subarray<[string, (text: ScenarioText) => boolean]>(
    [
      ['compaction', (text) => actions(text).some(({ compact }) => compact !== undefined)],
      ['stall', (text) => actions(text).some(({ for: length }) => length !== undefined)],
      ['small buffer', (text) => (text.parameters?.chanBufLen ?? 128) < 20],
      ['poisson', (text) => text.arrivals?.poisson === true || (text.arrivals?.perSecond ?? 1000) > 50],
      ['history', (text) => JSON.stringify(text.history).length > 60],
      ['watcher', (text) => (text.watchers ?? []).length + actions(text).filter(({ watch }) => watch).length >= 2],
    ],
    { minLength: 1 },
  );
  fc.assert(
    fc.property(fc.nat(), kinds, needs, (seed, chosen, needed) => {
      const text = vary(LARGE, seed, new Set(chosen), base);
      const fails = (candidate: ScenarioText) => needed.every(([, holds]) => holds(candidate));
      fc.pre(fails(text));
      const shrunk = shrink(text, fails);
      assert.ok(fails(shrunk.text) && isScenarioText(shrunk.text));
      assert.ok(!isSimpler(complexityOf(text), complexityOf(shrunk.text)));
      assert.deepEqual(shrink(shrunk.text, fails).text, shrunk.text);
      assert.deepEqual(shrink(text, fails), shrunk);
    }),
    { numRuns: 40 },
  );
});
