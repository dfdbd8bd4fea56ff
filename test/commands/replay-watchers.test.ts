// mvccw replay --watchers: the watchers that follow from something else than the command line.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseWatchersSource } from '../../src/requests/watchers-source.js';
import { unpackDataDirectory } from '../support/data-directories.js';
import { unpackKubeDatabase } from '../support/k8s-objects.js';
import { runCli, temporaryFolder } from '../support/run-cli.js';

interface Line {
  readonly kind: string;
  readonly origin?: object;
  readonly watcher: string;
  readonly stream: string;
  readonly response: {
    readonly Events: readonly { readonly kv: { readonly key: string; readonly mod_revision: number } }[];
  };
}

const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line): Line => JSON.parse(line));

t.test('an apiserver is given each event of the resources that it caches', async (t) => {
  const db = unpackKubeDatabase(temporaryFolder(t));
  const args = ['replay', '--db', db, '--base-rev', '800', '-w', 'json'];
  const keysOf = (stdout: string) =>
    linesOf(stdout)
      .flatMap(({ response }) => response.Events)
      .map(({ kv }) => `${kv.mod_revision} ${Buffer.from(kv.key, 'base64')}`)
      .sort();
  const all = await runCli([...args, '--watch', 'key=/registry/,prefix,rev=801']);
  const apiserver = await runCli([...args, '--watchers', 'kube-apiserver:1.31']);
  t.match(apiserver, { exitCode: 0, stderr: /Hint: events have no watch cache/ });
  const cached = keysOf(all.stdout).filter((event) => !/\/registry\/(events|masterleases)\//.test(event));
  t.ok(cached.length > 100);
  t.strictSame(keysOf(apiserver.stdout), cached);
  t.ok(linesOf(apiserver.stdout).every(({ watcher, stream }) => watcher === stream));
});

const HISTORY = `
history: {commits: [{put: {key: /kube/pods/default/a, value: "{i}"}, repeat: 50}, {put: {key: /kube/example.com/widgets/w}}]}
base: 1
arrivals: {perSecond: 10}
`;

t.test('a scenario names them too, with files beside it', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'scenario.yaml');
  const watch = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    auditID: 'a',
    stage: 'ResponseStarted',
    verb: 'watch',
    requestURI: '/api/v1/pods?watch=1',
    objectRef: { resource: 'pods' },
    user: { username: 'alice' },
    requestReceivedTimestamp: '2026-11-28T00:00:00Z',
  };
  writeFileSync(join(folder, 'audit.log'), `${JSON.stringify(watch)}\n`);
  writeFileSync(
    path,
    `${HISTORY}watchersFrom: [kube-apiserver, "audit:audit.log"]\netcdPrefix: /kube\nstreams: {pods: {consumer: {every: 1s}}}\n`,
  );
  const { exitCode, stdout } = await runCli(['replay', path, '--summary', '--check', 'on']);
  t.equal(exitCode, 0);
  t.match(stdout, /^pods {17}50 events in 50 batches, .*behind/m, 'the stream is the slow one');
  t.match(stdout, /^example\.com\/widgets {2}1 event in 1 batch/m);
  t.match(stdout, /^ {2}alice #1 {2}50 events, at 51; at most \d+\.\d+s late/m);
  const flagged = (minor: number) =>
    runCli(['replay', path, '--summary', '--watchers', `kube-apiserver:1.${minor}`, '--etcd-prefix', 'kube']);
  t.equal((await flagged(31)).stdout, stdout, 'flags add to it');
  // A watch without a resourceVersion was then one of etcd, and shared the stream.
  t.match((await flagged(20)).stdout, /^pods alice #1 {8}50 events in 50 batches/m);

  writeFileSync(join(folder, 'audit.log'), `${JSON.stringify(watch)}\n{"kind": 1}\n`);
  t.match(await runCli(['replay', path]), {
    exitCode: 3,
    stderr: /audit\.log:2: the line is no event of an audit log/,
  });
});

// After a restore, revision numbers are given anew: the entry of the log for such a number is of another change.
t.test('what is committed after a restore is not attributed to the log', async (t) => {
  const db = unpackDataDirectory('k8s-35', 'data', temporaryFolder(t), true);
  const args = ['replay', '--db', db, '--base-rev', '900', '--to-rev', '960', '--watch', 'key=/registry/pods/,prefix'];
  const commits = async (more: readonly string[]) =>
    linesOf((await runCli([...args, '--trace', '-w', 'json', ...more])).stdout).filter(({ kind }) => kind === 'commit');
  const whole = await commits([]);
  t.equal(whole.length, 60);
  t.ok(whole.every(({ origin }) => origin !== undefined));
  const restored = await commits(['--action', '{at: 30ms, restore: {to: 910}}']);
  t.ok(restored.length > 50);
  t.ok(restored.every(({ origin }) => origin === undefined));
});

t.test('what names no watchers is refused', async (t) => {
  t.strictSame(parseWatchersSource('kube-apiserver:v1.31.4'), { from: 'kube-apiserver', minor: 31 });
  for (const text of ['kube-apiserver:2.1', 'kube-apiserver:', 'audit:', 'metrics', 'etcd', 'audit']) {
    t.throws(() => parseWatchersSource(text), { code: 'USAGE' }, text);
  }
  const folder = temporaryFolder(t);
  const path = join(folder, 'scenario.yaml');
  writeFileSync(path, `${HISTORY}watchersFrom: [etcd]\n`);
  t.match(await runCli(['replay', path]), { exitCode: 2, stderr: /watchersFrom\.0: "etcd" names no watchers/ });
  writeFileSync(path, HISTORY);
  t.match(await runCli(['replay', path, '--watchers', 'etcd']), {
    exitCode: 2,
    stderr: /^Error: --watchers: "etcd" names/,
  });
  t.match(await runCli(['replay', path, '--watchers', 'kube-apiserver']), {
    exitCode: 2,
    stderr: /below \/registry\//,
  });
  const releases = [
    '--watchers',
    'kube-apiserver:1.20',
    '--watchers',
    'kube-apiserver',
    '--watchers',
    'kube-apiserver:1.31',
  ];
  t.match(await runCli(['replay', path, '--etcd-prefix', '/kube', ...releases]), {
    exitCode: 2,
    stderr: /two releases, 1\.20 and 1\.31/,
  });
  t.match(await runCli(['replay', path, '--etcd-prefix', '/kube']), {
    exitCode: 2,
    stderr: /an apiserver without watchers/,
  });
  const missing = await runCli(['replay', path, '--etcd-prefix', '/kube', '--watchers', 'audit:/none']);
  t.match(missing, { exitCode: 5, stderr: /\/none/ });
});
