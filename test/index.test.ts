// These tests import the library by the name of the package, as a controller's tests would.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { explain, MvccwError, openHistory, readScenario, replay, type Scenario } from 'mvccw';
import t from 'tap';
import { projectFile } from './support/root.js';
import { temporaryFolder } from './support/run-cli.js';

const SNAPSHOT = projectFile('fixtures/etcd-3.5.snapshot.db');

/** The scenario has a client that takes one response a second, and a compaction that overtakes it. */
const SLOW: Scenario = {
  history: { commits: [{ put: { key: '/a', value: '{i}' }, repeat: 300 }] },
  base: 1,
  arrivals: { perSecond: 100 },
  watchers: [{ name: 'slow', key: '/', prefix: true }],
  streams: { slow: { consumer: { every: '1s' } } },
  actions: [{ at: '900ms', compact: { behind: 2 } }],
  parameters: { chanBufLen: 2 },
  etcd: '3.5.12',
};

t.test('a scenario is replayed, and what it breaks is told', async (t) => {
  const { etcd, watchers, problems, hints } = await replay(SLOW);
  t.strictSame({ etcd, hints }, { etcd: '3.5.12', hints: [] });
  t.match(watchers, [{ watcher: 'slow', end: 'synced', events: 195, batches: 7, undelivered: 105, maxLagRevs: 297 }]);
  t.match(problems, [{ rule: 'reliable', watcher: 'slow', message: /^Broken guarantee: watcher slow, revision 6/ }]);

  const fixed = await replay({ ...SLOW, etcd: '3.5.13', limits: { delay: '2s' } });
  t.match(fixed.watchers, [{ end: 'compacted at 88', events: 4 }]);
  t.match(fixed.problems, [{ rule: 'delay', watcher: 'slow', message: /^Exceeded limit: / }]);
  t.equal(fixed.problems.length, 1);
});

t.test('a hint says what may be missing from a file', async (t) => {
  const database = join(temporaryFolder(t), 'db');
  writeFileSync(database, gunzipSync(readFileSync(projectFile('fixtures/cases/newest-meta-one-bit.db.gz'))));
  const { hints } = await replay({ history: { database }, from: 1, watchers: [{ name: 'a', key: 'a' }] });
  t.match(hints[0], /^meta 1 is damaged, and it was the newer one: .* what was committed last is missing$/);
});

t.test('an event is explained', async (t) => {
  const [story, ...others] = await explain(SLOW, '/a@40');
  t.strictSame(others, []);
  t.match(story, { watcher: 'slow', delivered: false });
  t.equal(story!.sentences[0], 'The PUT was committed at 0.390s.');
  t.match(story!.sentences.at(-1), 'It was never delivered: ');
  t.match(await explain(SLOW, '/a@2', 'slow'), [{ delivered: true }]);
});

t.test('a history is opened once, and replayed often', async (t) => {
  const history = await openHistory(SNAPSHOT);
  t.strictSame([history.compactRev, history.currentRev], [175, 367]);
  const pods = { name: 'pods', key: '/registry/pods/', prefix: true, prevKv: true };
  const { responses, watchers, problems } = history.replay({ from: 355, watchers: [pods] });
  t.strictSame(problems, []);
  t.match(watchers, [{ watcher: 'pods', events: 11, end: 'synced' }]);
  const [first] = responses;
  t.match(first, { timeUs: 0, watcher: 'pods', via: 'sync', revision: 367 });
  t.equal(first!.events.length, 11);
  t.match(first!.events[1], {
    type: 'PUT',
    key: '/registry/pods/default/web-36',
    keyBytes: Buffer.from('/registry/pods/default/web-36'),
    modRevision: 356,
    version: 4,
    previous: { version: 3 },
  });
  t.match(history.explain('/registry/pods/default/web-36@356', { from: 355, watchers: [pods] }), [{ delivered: true }]);
  t.equal(history.replay({ from: 360 }).watchers[0]!.watcher, 'all', 'without watchers, one watches everything');
  history.close();
  history.close();
});

t.test('a scenario is read from a file, and is data', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'scenario.yaml');
  writeFileSync(file, `history: {database: ${SNAPSHOT}}\nwatchers: [{name: a, key: /, prefix: true}]\n`);
  const scenario = readScenario(file);
  t.strictSame(scenario.history, { database: SNAPSHOT });
  t.match((await replay({ ...scenario, from: 360 })).watchers, [{ watcher: 'a' }]);
});

t.test('what is wrong is told as an MvccwError', async (t) => {
  const refused = async (body: () => Promise<unknown>, wanted: object) => {
    const error = await body().then(
      () => undefined,
      (thrown) => thrown,
    );
    t.ok(error instanceof MvccwError);
    t.match(error, wanted);
  };
  await refused(() => openHistory('/nowhere'), { code: 'IO', message: 'there is no database at /nowhere' });
  await refused(() => replay({ ...SLOW, watchers: [{ name: 'a', key: '' }] }), {
    code: 'USAGE',
    message: /watchers\.0\.key/,
    hint: /prefix/,
  });
  await refused(() => explain(SLOW, '/a'), { code: 'USAGE' });
  await refused(() => explain(SLOW, '/a@2', 'nobody'), { code: 'WATCHER_NOT_FOUND' });
  const history = await openHistory(SNAPSHOT);
  t.throws(() => history.replay(SLOW), { code: 'USAGE', message: /history of its own/ });
  t.throws(() => history.replay({ to: 1000 }), { code: 'FUTURE_REVISION' });
  history.close();
});
