// These tests run `mvccw blame` on a file without a log: what it tells all the same, and that it says what is missing.

import t from 'tap';
import { inspectionLines } from '../support/inspection-lines.js';
import { projectFile } from '../support/root.js';
import { newDatabase, runCli } from '../support/run-cli.js';

const K8S = projectFile('fixtures/k8s-35/db.gz');
const NOW = { nowMs: Date.UTC(2026, 10, 28, 12) };

t.test('without a log it tells what managedFields and leases tell, and what is missing', async (t) => {
  const { stdout, stderr, exitCode } = await runCli(['blame', '/registry/deployments/default/cache', '--db', K8S]);
  t.equal(exitCode, 0);
  t.match(stderr, /Hint: nobody recorded who wrote: .* --db DATA-DIR/);
  const lines = stdout.trimEnd().split('\n');
  t.match(
    lines[0],
    /^719_0 PUT .* {2}latest manager kube-controller-manager \(Update of status\) at 2026-11-28T04:57:54Z$/,
  );
  t.match(lines[1], /^781_0 PUT .* {2}manager kubectl-rollout \(Update\) at 2026-11-28T04:58:03Z$/);
  const leased = await runCli(['blame', '/registry/events/', '--prefix', '--limit', '1', '--db', K8S], NOW);
  t.match(leased.stdout, /; lease 4859a2208229ba82, granted through k1, up since 2026-11-28T04:55:31Z\n$/);
});

t.test('as JSON lines and as a table', async (t) => {
  const lines = inspectionLines(t, (await runCli(['blame', '/', '--prefix', '--db', K8S, '-w', 'json'], NOW)).stdout);
  t.equal(lines.length, 319);
  t.match(lines.find(({ lease }) => lease !== undefined)?.lease, { grantedThrough: { memberName: 'k1' } });
  t.match(
    lines.find(({ type }) => type === 'DELETE'),
    { kind: 'blame', origin: undefined },
  );
  const table = await runCli([
    'blame',
    '/registry/deployments/default/cache',
    '--db',
    K8S,
    '-w',
    'table',
    '--limit',
    '1',
  ]);
  t.match(table.stdout, /│ 719_0 .*│ kube-controller-manager \(Update of status\) │/);
});

t.test('--fields tells since when each field has been so, and who owns it', async (t) => {
  const key = '/registry/deployments/default/cache';
  const { stdout } = await runCli(['blame', key, '--db', K8S, '--fields']);
  t.match(stdout, /^<=719_0 +kubectl-client-side-apply \(Update\) +spec\.selector\.matchLabels\.app: "cache"$/m);
  t.match(stdout, /^992_0 +kubectl-client-side-apply \(Update\) and kubectl \(Apply\) +spec\.replicas: 3$/m);
  t.match(stdout, /^993_0 +kube-controller-manager \(Update of status\) +status\.replicas: 3$/m);
  t.notMatch(stdout, 'managedFields');
  const lines = inspectionLines(t, (await runCli(['blame', key, '--db', K8S, '--fields', '-w', 'json'])).stdout);
  t.match(
    lines.find(({ path }) => path === 'spec.replicas'),
    { since: { main: 992 }, owners: [{}, {}] },
  );
  t.match((await runCli(['blame', key, '--db', K8S, '--fields', '-w', 'table'])).stdout, /│ spec\.replicas +│ 3 /);
  const secret = ['blame', '/registry/secrets/shop/api-2', '--db', K8S, '--fields'];
  t.match((await runCli(secret)).stdout, /^973_0 +cert-manager \(Update\) +data\.token: \(hidden, 12 bytes\)$/m);
  t.notMatch((await runCli([...secret, '--show-secrets'])).stdout, 'hidden');
});

t.test('--fields of text, of bytes, and of a key that is not there', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    const put = (key: string, value: string | Buffer) => store.write((txn) => txn.put(key, Buffer.from(value)));
    put('text', 'one\ntwo\nthree\n');
    put('text', 'one\n2\u202e\nthree\n');
    put('/registry/secrets/ns/s', 'pass\n');
    put('/registry/secrets/ns/s', 'word\n');
    put('bytes', Buffer.from([0xff, 0]));
    put('bytes', Buffer.from([0xff, 0]));
    store.write((txn) => txn.deleteRange('bytes'));
  });
  const fields = async (...args: string[]) => (await runCli(['--db', db, 'blame', ...args, '--fields'])).stdout;
  t.equal(await fields('text'), '2_0  one\n3_0  2\\u202e\n2_0  three\n');
  t.equal(await fields('text', '--to-rev', '2'), '2_0  one\n2_0  two\n2_0  three\n');
  t.equal(
    await fields('/registry/secrets/ns/s'),
    '5_0  (hidden, 5 bytes)\n',
    'a secret that changed, of the same size',
  );
  t.equal(await fields('bytes', '--to-rev', '7'), '6_0  (2 bytes)\n');
  const gone = await runCli(['--db', db, 'blame', 'bytes', '--fields']);
  t.equal(gone.exitCode, 4);
  for (const idle of [['--prefix'], ['--reverse'], ['--limit', '1'], ['--from-rev', '2'], ['--hex']]) {
    t.equal((await runCli(['--db', db, 'blame', 'text', '--fields', ...idle])).exitCode, 2, idle.join());
  }
  t.equal((await runCli(['--db', db, 'blame', 'text', '--show-secrets'])).exitCode, 2);
});

t.test('keys that steer a terminal, and keys that are not there', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    store.write((txn) => txn.put('k\x1b[2J', Buffer.from('a')));
    store.write((txn) => txn.deleteRange('k\x1b[2J'));
  });
  const { stdout } = await runCli(['--db', db, 'blame', 'k', '--prefix', '--reverse']);
  t.equal(stdout, '3_0 DELETE k\\x1b[2J  nobody recorded who\n2_0 PUT k\\x1b[2J  nobody recorded who\n');
  t.match((await runCli(['--db', db, 'blame', 'k', '--prefix', '--hex'])).stdout, 'PUT \\x6b\\x1b\\x5b\\x32\\x4a  ');
  t.equal((await runCli(['--db', db, 'blame', 'z'])).exitCode, 4);
  t.equal((await runCli(['--db', db, 'blame', 'z', '--from-rev', '3', '--to-rev', '2'])).exitCode, 2);
});
