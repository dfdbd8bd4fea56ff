// An apiserver's watch cache cuts off a client that reads too slowly. It must then still come to all that the cache was
// given, as events or as the state that it lists.

import assert from 'node:assert/strict';
import t from 'tap';
import { CacheHistory } from '../../../../src/replay/run/cache/cache-history.js';
import { DispatchBudget } from '../../../../src/replay/run/cache/dispatch-budget.js';
import type { CacheClientEntry } from '../../../../src/replay/run/trace.js';
import fc from '../../../support/fast-check.js';
import { openScenario, runScenario, type ScenarioRun } from '../../../support/run-scenario.js';

/** Revision r is committed at (r - 1) * 10 ms. */
const scenario = (cache: string, more = '') => `
history: {commits: [{put: {key: /pods/a, value: "{i}"}, repeat: 100}]}
base: 1
arrivals: {perSecond: 100}
watchers: [{name: pods, key: /pods/, prefix: true, rev: 2}]
streams: {pods: {cache: {${cache}}}}
${more}`;

const clientOf = ({ summary }: ScenarioRun, name: string) =>
  summary.caches[0]!.clients.find(({ client }) => client === name)!;
const lifeOf = ({ entries }: ScenarioRun, name: string) =>
  entries
    .filter((entry): entry is CacheClientEntry => entry.kind === 'cacheClient' && entry.client === name)
    .map(({ what, revision }) => [what, revision]);

t.test('the window grows while its events are fresh, and shrinks when they are not', async (t) => {
  const history = new CacheHistory({ minCapacity: 4, maxCapacity: 8, freshForUs: 100 }, 1);
  const add = (revision: number, timeUs: number) => history.add({ revision, key: '/a', timeUs, commitUs: timeUs });
  const window = () => [history.oldestRev, history.length, history.capacity];
  for (let rev = 2; rev <= 5; rev++) add(rev, rev);
  t.same(window(), [2, 4, 4], 'nothing was overwritten since the list');
  add(6, 6);
  t.same(window(), [2, 5, 8]);
  for (let rev = 7; rev <= 20; rev++) add(rev, rev);
  t.same(window(), [13, 8, 8], 'it grows no further');
  t.equal(history.at(history.placeBehind(15))?.revision, 16);
  t.equal(history.at(0), undefined);
  add(21, 150);
  t.same(window(), [18, 4, 4], 'its newest quarter was older than 100 µs');
  history.reset(30);
  t.same(window(), [31, 0, 4]);
  t.equal(history.peakCapacity, 8);
  t.equal(history.at(history.end - 1), undefined);
});

t.test('a channel holds a second of the window, from 10 to 100 events', async (t) => {
  const size = (minCapacity: number) =>
    new CacheHistory({ minCapacity, maxCapacity: 102_400, freshForUs: 75_000_000 }, 1).channelSize;
  t.same([100, 1600, 102_400].map(size), [10, 22, 100]);
});

t.test('the cache may wait 50 ms more each second, and 100 ms at most', async (t) => {
  const budget = new DispatchBudget();
  t.equal(budget.take(999_999), 0);
  t.equal(budget.take(1_000_000), 50_000);
  budget.giveBack(20_000);
  t.equal(budget.take(1_500_000), 20_000);
  t.equal(budget.take(9_000_000), 100_000);
});

t.test('a client that is cut off comes back behind what it has seen', async (t) => {
  const run = runScenario(
    scenario(
      'clients: [{name: quick}, {name: slow, consumer: {every: 50ms}, channel: 5}, {name: dead, consumer: never, channel: 5}]',
    ),
  );
  t.match(clientOf(run, 'quick'), { events: 100, timesTerminated: 0, maxDelayUs: 0, revision: 101 });
  t.match(clientOf(run, 'slow'), { events: 100, timesTooOld: 0, undelivered: 0, revision: 101 });
  t.ok(clientOf(run, 'slow').timesTerminated > 1);
  t.match(lifeOf(run, 'slow').slice(0, 3), [
    ['listed', 1],
    ['terminated', 4],
    ['watches', 4],
  ]);
  t.match(clientOf(run, 'dead'), { events: 0, timesTerminated: 1, undelivered: 100, revision: 1 });
  t.same(run.checked.violations, []);
});

t.test('a client for which the window is too small lists again', async (t) => {
  const run = runScenario(
    scenario(
      'minCapacity: 8, maxCapacity: 8, clients: [{name: slow, consumer: {every: 40ms}, channel: 2, reconnectAfter: 100ms}]',
    ),
  );
  const { events, seenAsState, timesTooOld, undelivered } = clientOf(run, 'slow');
  t.ok(timesTooOld > 0);
  t.ok(seenAsState > 0);
  t.same([events + seenAsState, undelivered], [100, 0]);
  const life = lifeOf(run, 'slow');
  const at = life.findIndex(([what]) => what === 'tooOld');
  t.equal(life[at + 1]![0], 'listed');
});

t.test('bookmarks keep a client in the window that nothing is written for', async (t) => {
  const run = (every: string) =>
    runScenario(
      scenario(
        `bookmarkEvery: ${every}, minCapacity: 8, maxCapacity: 8, clients: [{name: idle, key: /pods/z, until: 900ms}]`,
        'until: 2s',
      ),
    );
  t.match(clientOf(run('50ms'), 'idle'), { events: 0, bookmarks: 17, revision: 85 });
  t.match(clientOf(run('10s'), 'idle'), { events: 0, bookmarks: 0, revision: 1 });
});

t.test('progress moves the cache on', async (t) => {
  const run = (cache: string) =>
    runScenario(
      scenario(cache, 'until: 2s').replace(
        'watchers: [{name: pods, key: /pods/',
        'watchers: [{name: pods, key: /none/',
      ),
    ).summary.caches[0]!.revision;
  t.equal(run('progressEvery: 100ms'), 101);
  t.equal(run('minCapacity: 100'), 1);
});

t.test('a cache whose watch is compacted cuts off its clients, which list with it', async (t) => {
  const text = scenario(
    'clients: [{name: quick}, {name: slow, consumer: {every: 200ms}}]',
    'actions: [{at: 250ms, compact: {behind: 0}}]',
  );
  const run = runScenario(
    text.replace('pods: {cache', 'pods: {disconnectAt: [105ms], reconnectAfter: 200ms, relistAfter: 30ms, cache'),
  );
  t.equal(run.summary.caches[0]!.timesRelisted, 1);
  t.same(lifeOf(run, 'quick'), [
    ['listed', 1],
    ['terminated', 11],
    ['tooOld', 11],
    ['listed', 43],
  ]);
  t.same(run.checked.violations, []);
  t.match(clientOf(run, 'slow'), { undelivered: 0, revision: 101 });
});

t.test('a cache has one watcher, and names of its own for its clients', async (t) => {
  const both = scenario('minCapacity: 1').replace('rev: 2}]', 'rev: 2}, {name: other, key: /pods/, stream: pods}]');
  t.equal(runScenario(both).summary.caches[0]!.watcher, 'pods', 'the one that has the name of the stream');
  const two = both.replace('{name: pods,', '{name: w, stream: pods,');
  t.throws(() => openScenario(two), { code: 'USAGE', message: /2 watchers/ });
  const twice = scenario('clients: [{name: a}, {name: a}]');
  t.throws(() => openScenario(twice), { code: 'USAGE', message: /two clients of stream .*pods/ });
  // A replay with such an interval took hours.
  for (const field of ['bookmarkEvery', 'progressEvery']) {
    t.throws(() => openScenario(scenario(`${field}: 9ms`)), {
      code: 'USAGE',
      message: new RegExp(`${field}.*10ms at least`),
    });
  }
  // Such a window would grow without end.
  const small = scenario('maxCapacity: 50');
  t.throws(() => openScenario(small), { code: 'USAGE', message: /holds 100 events at least and 50 at most/ });
});

// A client waited for its connection only if the cache had not begun anew meanwhile.
t.test('a client that the cache cuts off to begin anew comes back when it does, or never', async (t) => {
  const run = runScenario(
    scenario(
      'clients: [{name: late, reconnectAfter: 300ms}, {name: dead, consumer: never}]',
      'actions: [{at: 250ms, compact: {behind: 0}}]',
    ).replace('pods: {cache', 'pods: {disconnectAt: [105ms], reconnectAfter: 200ms, relistAfter: 30ms, cache'),
  );
  const times = run.entries.flatMap((entry) =>
    entry.kind === 'cacheClient' && entry.client === 'late' ? [[entry.what, entry.timeUs]] : [],
  );
  t.strictSame(times, [
    ['listed', 0],
    ['terminated', 400_000],
    ['tooOld', 700_000],
    ['listed', 700_000],
  ]);
  t.strictSame(
    lifeOf(run, 'dead').map(([what]) => what),
    ['listed', 'terminated'],
  );
});

t.test('a client that leaves has not been given what it has not taken', async (t) => {
  const run = runScenario(scenario('clients: [{name: a, until: 505ms, consumer: never}, {name: b, until: 505ms}]'));
  t.match(clientOf(run, 'a'), { events: 0, undelivered: 50 });
  t.match(clientOf(run, 'b'), { events: 50, undelivered: 0 });
});

// etcd issue 15220: the cache was told of progress beyond its events, and its clients by bookmarks. Their events came all
// the same to those that stayed, and not to those that came then.
t.test('what comes behind progress that was told too early is not forgotten', async (t) => {
  const text = scenario(
    'progressEvery: 100ms, bookmarkEvery: 50ms, clients: [{name: stays}, {name: comes, at: 905ms}]',
    'until: 20s',
  ).replace('{pods: {', '{pods: {consumer: {every: 50ms}, ');
  const run = (etcd: string) => runScenario(`${text}\netcd: ${etcd}`);
  const [old, mended] = [run('3.5.7'), run('3.5.30')];
  t.match(clientOf(old, 'stays'), { events: 100, undelivered: 0 });
  t.match(clientOf(mended, 'comes'), { undelivered: 0 });
  const { events, undelivered } = clientOf(old, 'comes');
  t.ok(undelivered > 50);
  t.equal(events + undelivered, 82, 'all that the cache was given after the client came');
});

// The revision of an event that a client still has to take may be that of another event when it takes it.
t.test('a client is late from the commit of its event on, whatever a restore makes of the revision', async (t) => {
  const slow = (actions: string) =>
    clientOf(runScenario(scenario('clients: [{name: slow, consumer: {every: 40ms}, channel: 99}]', actions)), 'slow');
  const { maxDelayUs, maxDelayRev } = slow('to: 80');
  t.strictSame([maxDelayUs, maxDelayRev], [78 * 30_000, 80]);
  t.match(slow('actions: [{at: 795ms, restore: {to: 40}}]\nto: 80'), { maxDelayUs, maxDelayRev });
});

t.test('property: a client that reads comes to all that its cache was given', async () => {
  const client = fc.record({
    every: fc.integer({ min: 0, max: 60 }),
    at: fc.integer({ min: 0, max: 900 }),
    channel: fc.integer({ min: 1, max: 12 }),
    back: fc.integer({ min: 0, max: 200 }),
    rev: fc.option(fc.integer({ min: 2, max: 101 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(client, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 20 }), (clients, size) => {
      const texts = clients.map(
        ({ every, at, channel, back, rev }, i) =>
          `{name: c${i}, consumer: {every: ${every}ms}, at: ${at}ms, channel: ${channel}, reconnectAfter: ${back}ms${rev === undefined ? '' : `, rev: ${rev}`}}`,
      );
      const run = runScenario(scenario(`minCapacity: ${size}, maxCapacity: ${2 * size}, clients: [${texts}]`));
      for (const [i, client] of run.summary.caches[0]!.clients.entries()) {
        const { events, seenAsState, undelivered, revision, timesTooOld } = client;
        const { rev } = clients[i]!;
        assert.equal(undelivered, 0);
        assert.equal(revision, 101);
        assert.ok(events + seenAsState <= 100);
        if (timesTooOld > 0) continue;
        assert.equal(seenAsState, 0);
        if (rev !== undefined) assert.equal(events, 102 - rev);
      }
      assert.deepEqual(run.checked.violations, []);
    }),
  );
});
