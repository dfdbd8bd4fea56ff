import { join } from 'node:path';
import t from 'tap';
import { inspectionLines } from '../support/inspection-lines.js';
import { unpackKubeDatabase } from '../support/k8s-objects.js';
import { projectFile } from '../support/root.js';
import { newDatabase, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';

const db = unpackKubeDatabase(temporaryFolder(t));
const when = (t: import('tap').Test, ...argv: string[]) => stdoutOf(t, ['when', ...argv, '--db', db]);

t.test('when a revision was, and what says so', async (t) => {
  t.equal(
    await when(t, '940'),
    `940  2026-11-28T04:58:36.100Z  ± 3.2s
  not before  2026-11-28T04:58:35.950Z  a time in managedFields of /registry/pods/shop/api-gpzw6b8gz-8xhrn in revision 940
  not after   2026-11-28T04:58:39.235Z  renewTime of /registry/leases/kube-system/kube-controller-manager in revision 955
`,
  );
  const [line] = inspectionLines(t, await when(t, '940', '-w', 'json'));
  t.match(line, {
    kind: 'when',
    revision: 940,
    boundUs: 3135824,
    because: { notBefore: { what: 'managedFields', revision: 940 }, notAfter: { what: 'renewTime', knew: 948 } },
  });
  t.match(await when(t, '0'), /^1002 {2}\S+ {2}or later, after the last time that was read\n.*\n.*nothing says so\n$/);
});

t.test('the times of many revisions never fall', async (t) => {
  const lines = inspectionLines(t, await when(t, '..', '-w', 'json'));
  t.equal(lines.length, 1002 - 777 + 1);
  const times = lines.map(({ time }) => String(time));
  t.strictSame(times, [...times].sort());
  for (const { time, notBefore = time, notAfter = time } of lines) {
    t.ok(String(notBefore) <= String(time) && String(time) <= String(notAfter));
  }
});

t.test('which revision was the newest at a time', async (t) => {
  t.equal(await when(t, '04:58:41'), '2026-11-28T04:58:41.000Z  revision 958  (949 to 962)\n');
  const same = ['2026-11-28T04:58:41Z', '2026-11-28T05:58:41+01:00', '04:58:41'];
  const lines = inspectionLines(t, await when(t, ...same, '-w', 'json'));
  t.strictSame(
    lines.map(({ revision }) => revision),
    [958, 958, 958],
  );
});

t.test('what the clock is worth', async (t) => {
  t.match(await when(t), /^from {6}331 times in objects of Kubernetes, of 7 clocks\noldest .*\nnewest .*\nbound .*\n$/);
  t.match(inspectionLines(t, await when(t, '-w', 'json')), [{ kind: 'clock', readings: 331, clocks: 7, wrong: [] }]);
});

t.test('what is not there, and what is no question', async (t) => {
  const exits = async (...argv: string[]) => (await runCli(['when', ...argv])).exitCode;
  t.equal(await exits('776', '--db', db), 4, 'compacted');
  t.equal(await exits('1003', '--db', db), 4, 'in the future');
  t.equal(await exits('04:57:00', '--db', db), 4, 'before the window');
  t.equal(await exits('04:59:41', '--db', db), 4, 'behind the window');
  t.equal(await exits('soon', '--db', db), 2);
  t.equal(await exits('9..8', '--db', db), 4);
  t.equal(await exits('900..800', '--db', db), 2);
  t.match(await runCli(['when', '--db', projectFile('fixtures/etcd-3.5.snapshot.db')]), { exitCode: 4 });
  t.match(await runCli(['when', '--db', await newDatabase(t, () => undefined)]), {
    exitCode: 4,
    stderr: /no time in objects of Kubernetes says when a revision was committed/,
  });
});

t.test('other commands show times, and choose revisions by time', async (t) => {
  const lines = async (...argv: string[]) => {
    const { stdout, exitCode } = await runCli([...argv, '-w', 'json']);
    t.ok(exitCode <= 1, argv.join(' '));
    return inspectionLines(t, stdout);
  };
  const between = ['--from-time', '04:58:35', '--to-time', '2026-11-28T04:58:36Z', '--clock'];
  const shown = await lines('history', '/registry/', '--prefix', '--no-diff', '--db', db, ...between);
  const committed = new Map(
    inspectionLines(t, await when(t, '931..939', '-w', 'json')).map(({ revision, time }) => [revision, time]),
  );
  t.strictSame(
    shown.map(({ revision }) => (revision as { main: number }).main),
    [...committed.keys()],
  );
  for (const { revision, committed: told } of shown) {
    t.match(told, { time: committed.get((revision as { main: number }).main) });
  }
  const blamed = await lines('blame', '/registry/', '--prefix', '--db', db, ...between);
  t.strictSame(
    blamed.map((line) => line.committed),
    shown.map((line) => line.committed),
  );
  const [end] = (await lines('diff', db, '--stat', ...between)).slice(-1);
  t.match(end, { sides: [{ rev: 930, committed: { boundUs: Number } }, { rev: 939 }] });

  const plain = async (...argv: string[]) => (await runCli([...argv, '--db', db])).stdout;
  t.match(
    await plain('history', '/registry/pods/shop/', '--prefix', '--stat', ...between),
    /^934_0 PUT \S+ {2}committed 2026-11-28T04:58:35\.437Z ± 2s, gen/,
  );
  t.match(
    await plain('blame', '/registry/pods/shop/', '--prefix', ...between),
    /^934_0 PUT \S+ {2}committed 2026-11-28T04:58:35\.437Z ± 2s; /,
  );
  t.match(
    await plain('blame', '/registry/pods/shop/', '--prefix', '-w', 'table', ...between),
    /COMMITTED.*\n.*\n.*58:35\.437Z/,
  );
  const replay = ['replay', '--arrivals', 'kubernetes', '--as-etcd', '3.5.30', ...between];
  t.match(await plain(...replay), /^2026-11-28T04:58:35\.062Z {2}all {2}notify {2}1 event of revision 931,/);
  t.match(await plain(...replay, '--timeline'), /^ +04:58:34\.944 .*04:58:3[56]\.\d{3}\n/);
  t.match(await plain(...replay, '-w', 'json'), /"time":"2026-11-28T04:58:35\.062\d{3}Z"/);
  const explained = await plain(...replay, '--explain', '/registry/pods/shop/api-gpzw6b8gz-z6kk9@934');
  t.match(explained, /The PUT was committed at 2026-11-28T04:58:35\.437Z ± 2s\.\n/);

  t.match(await runCli(['replay', '--db', db, '--clock']), { exitCode: 2, stderr: /--clock needs a clock/ });
  t.match(await runCli(['history', '/', '--db', db, '--times', 'kubernetes']), { exitCode: 2 });
  t.match(await runCli(['history', '/', '--db', db, '--from-rev', '9', '--from-time', '04:58']), { exitCode: 2 });
  t.match(await runCli(['history', '/', '--prefix', '--db', db, '--from-time', '05:00']), { exitCode: 4 });
  t.match(await runCli(['history', '/none', '--db', db, ...between]), {
    exitCode: 4,
    stderr: /lies between 931 and 939/,
  });
});

t.test('what was there at a time is exported, and brought back', async (t) => {
  const then = join(temporaryFolder(t), 'then.db');
  const exported = await runCli(['export', then, '--db', db, '--at-time', '04:58:36', '-w', 'json']);
  t.match(exported, {
    exitCode: 0,
    stderr: /revision 939 was most likely the newest then; it may have been any from \d+ to \d+/,
  });
  t.match(inspectionLines(t, exported.stdout), [{ revision: 939 }]);
  const undelete = (...at: string[]) => runCli(['undelete', '/registry/pods/', '--prefix', '--db', db, ...at]);
  const [byTime, byRevision] = [await undelete('--at-time', '04:58:36'), await undelete('--at', '939')];
  t.equal(byTime.stdout, byRevision.stdout);
  t.equal(byTime.exitCode, byRevision.exitCode);
  t.match(await undelete('--at-time', '04:58:36', '--at', '939'), { exitCode: 2 });
  t.match(await undelete('--at-time', '04:58:36', '--apply'), {
    exitCode: 2,
    stderr: /mvccw when TIME tells the revision/,
  });
  t.match(await undelete('--at-time', '03:58:36'), { exitCode: 4 });
});
