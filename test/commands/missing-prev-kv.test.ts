// These tests cover etcd issue 10681: a watcher that asks for the record before each event is sent an event without it
// when compaction has removed that record. mvccw once did not show it, though kube-apiserver fails on such an event.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { liveDatabase } from '../support/live-cli.js';
import { runCli, temporaryFolder } from '../support/run-cli.js';

const SCENARIO = `
history: {commits: [{put: {key: /x, value: one}}, {put: {key: /y}}, {put: {key: /x, value: two}}, {delete: {key: /x}}]}
base: 4
arrivals: {perSecond: 10}
watchers: []
actions: [{at: 10ms, compact: 4}, {at: 50ms, watch: {name: api, key: /x, prevKv: true, rev: 4}}]
`;

async function replay(t: Parameters<typeof temporaryFolder>[0], args: readonly string[], scenario = SCENARIO) {
  const path = join(temporaryFolder(t), 's.yaml');
  writeFileSync(path, scenario);
  return runCli(['replay', path, ...args]);
}

t.test('each format says which record is missing, and why', async (t) => {
  const simple = `  PUT    4  /x  (version 2, 3 bytes; before: missing, revision 3 is compacted, the window begins at 4)
  DELETE 5  /x  (before: revision 4, version 2, 3 bytes)
`;
  for (const args of [[], ['--trace']]) {
    const { exitCode, stdout, stderr } = await replay(t, args);
    t.same({ exitCode, stderr }, { exitCode: 0, stderr: '' });
    t.ok(stdout.includes(simple), stdout);
    t.match(
      stdout,
      /\napi {2}2 events .*; 1 without the record before, which is compacted\nReplayed as etcd 3.7.1.\n$/,
    );
  }
  const lines = (await replay(t, ['-w', 'json', '--trace'])).stdout.trimEnd().split('\n');
  const [response, watcher] = ['response', 'watcher'].map((kind) =>
    lines.map((line) => JSON.parse(line)).find((line) => line.kind === kind),
  );
  t.same(response.missingPrevKvs, [{ event: 0, key: 'L3g=', revision: 4, atRev: 3, compactRev: 4 }]);
  t.notOk('prev_kv' in response.response.Events[0], 'as etcd sends it');
  t.equal(watcher.missingPrevKvs, 1);
  const fields = (await replay(t, ['-w', 'fields'])).stdout;
  t.match(fields, '"Value" : "two"\n"Lease" : 0\n"PrevMissingAtRev" : 3\n"PrevCompactRevision" : 4\n"Type" : DELETE\n');
  const table = (await replay(t, ['-w', 'table'])).stdout;
  t.match(table, '│ AGAIN │ NO BEFORE │');
  t.match(table, '│     0 │         1 │');
});

t.test('--explain says so', async (t) => {
  const missing =
    '\n  It came without the record before, which the watcher asked for: revision 3 is compacted, the window begins at 4 (etcd issue 10681).\n';
  t.ok((await replay(t, ['--explain', '/x@4'])).stdout.endsWith(missing));
  t.notMatch((await replay(t, ['--explain', '/x@5'])).stdout, 'the record before');
});

t.test('nothing is said where nobody asked, or nothing was before', async (t) => {
  for (const scenario of [SCENARIO.replace('prevKv: true, ', ''), SCENARIO.replace('compact: 4', 'compact: 3')]) {
    const { stdout } = await replay(t, [], scenario);
    t.match(stdout, 'PUT    4');
    t.notMatch(stdout, 'missing');
    t.notMatch(stdout, 'without');
  }
});

t.test('a live watch says so on stderr, and prints what etcdctl prints', async (t) => {
  const { store, put, watch } = liveDatabase(t);
  put('k', 'one');
  put('k', 'two');
  put('k', 'three');
  store.compact(3);
  const cli = watch('k', '--rev', '3', '--prev-kv');
  await cli.waitFor('three');
  await cli.interrupt();
  t.equal(cli.stdout, 'PUT\nk\ntwo\nPUT\nk\ntwo\nk\nthree\n');
  t.equal(
    cli.stderr,
    'Hint: the record before is missing for k@3: revision 2 is compacted, the window begins at 3 (etcd issue 10681)\n',
  );
});
