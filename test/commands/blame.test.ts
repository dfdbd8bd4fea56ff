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
