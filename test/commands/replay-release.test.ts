// These tests check which release a replay behaves as. A snapshot of etcd 3.5 was once replayed as the newest release,
// in which its watchers lose nothing, and no message said so: a false all-clear for a user of 3.5.12.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { newDatabase, runCli, stdoutOf, tamper, temporaryFolder } from '../support/run-cli.js';
import { unpackSnapshot } from '../support/snapshots.js';

const HINT = (named: string, release: string) =>
  `Hint: ${named}: replayed as ${release}, the newest release known here; earlier patches differ, and --as-etcd X.Y.Z decides\n`;

function snapshots(t: Test): { readonly path: string; readonly minor: string; readonly release: string }[] {
  return [
    ['small-34', '3.4', '3.4.38'],
    ['small-35', '3.5', '3.5.30'],
  ].map(([name, minor, release]) => ({
    path: unpackSnapshot(name!, temporaryFolder(t)),
    minor: minor!,
    release: release!,
  }));
}

t.test(
  'it is the newest known one of the minor version that an etcd file names, also once it is imported',
  async (t) => {
    for (const { path, minor, release } of snapshots(t)) {
      const db = join(temporaryFolder(t), 'db');
      await stdoutOf(t, ['--db', db, 'import', path]);
      for (const given of [path, db]) {
        const { stdout, stderr } = await runCli(['--db', given, 'replay']);
        t.ok(stdout.endsWith(`\nReplayed as etcd ${release}.\n`), stdout.slice(-100));
        t.equal(stderr, HINT(`the file is of etcd ${minor}`, release));
        t.equal(JSON.parse(await stdoutOf(t, ['--db', given, 'status', '-w', 'json'])).etcdVersion, `${minor}.0`);
        t.match(await stdoutOf(t, ['--db', given, 'status']), `etcd        ${minor}.0, as the file names it\n`);
      }
    }
  },
);

t.test('--as-etcd and a scenario go before it', async (t) => {
  const { path } = snapshots(t)[1]!;
  const scenario = join(temporaryFolder(t), 's.yaml');
  writeFileSync(scenario, `history: {database: ${path}}\netcd: 3.5.12\n`);
  for (const args of [
    ['--db', path, 'replay', '--as-etcd', '3.5.12'],
    ['replay', scenario],
  ]) {
    const { stdout, stderr } = await runCli(args);
    t.ok(stdout.endsWith('\nReplayed as etcd 3.5.12.\n'));
    t.equal(stderr, '');
  }
  const { stdout } = await runCli(['replay', scenario, '--as-etcd', '3.4.3']);
  t.ok(stdout.endsWith('\nReplayed as etcd 3.4.3.\n'), 'the flag goes before the scenario');
});

t.test('where no version is named it is the newest of all', async (t) => {
  const own = await newDatabase(t, ({ store }) => store.write((txn) => txn.put('a', Buffer.from('1'))));
  const written = await runCli(['--db', own, 'replay']);
  t.ok(written.stdout.endsWith('\nReplayed as etcd 3.7.1.\n'));
  t.equal(written.stderr, '', 'no etcd has written it');
  const imported = join(temporaryFolder(t), 'db');
  await stdoutOf(t, ['--db', imported, 'import', snapshots(t)[0]!.path]);
  const versions: [version: string | undefined, named: string, release: string][] = [
    [undefined, 'the file names no version of etcd', '3.7.1'],
    ['3.6.0', 'the file is of etcd 3.6', '3.6.14'],
    ['3.3.0', 'the file is of etcd 3.3', '3.4.38'],
    ['3.9.0', 'the file is of etcd 3.9', '3.7.1'],
  ];
  for (const [version, named, release] of versions) {
    tamper(imported, ({ tables: { meta } }) => {
      const key = Buffer.from('mvccw.etcdVersion');
      if (version === undefined) meta.delete(key);
      else meta.put(key, Buffer.from(version));
    });
    t.equal((await runCli(['--db', imported, 'replay'])).stderr, HINT(named, release));
  }
});

t.test('every output names it', async (t) => {
  const { path } = snapshots(t)[1]!;
  const event = ['--db', path, 'replay', '--from-rev', '1', '--explain', '/registry/pods/default/web-3@355'];
  const outputs: [args: string[], said: RegExp][] = [
    [['--summary'], /^Replayed as etcd 3\.5\.30\.$/m],
    [['--timeline'], /^Replayed as etcd 3\.5\.30\.$/m],
    [['--trace'], /^Replayed as etcd 3\.5\.30\.$/m],
    [['-w', 'table'], /^Replayed as etcd 3\.5\.30\.$/m],
    [['-w', 'fields'], /^"Etcd" : "3\.5\.30"$/m],
    [['-w', 'fields', '--summary'], /^"Etcd" : "3\.5\.30"$/m],
    [['-w', 'json'], /^\{"schema":1,"kind":"response","etcd":"3\.5\.30"/],
    [['-w', 'json', '--summary'], /^\{"schema":1,"kind":"end","etcd":"3\.5\.30"/m],
  ];
  for (const [args, said] of outputs) t.match((await runCli(['--db', path, 'replay', ...args])).stdout, said);
  t.match((await runCli(event)).stdout, /, for all, as etcd 3\.5\.30:\n/);
  t.match((await runCli([...event, '-w', 'json'])).stdout, '"kind":"explanation","etcd":"3.5.30"');
  const scenario = join(temporaryFolder(t), 's.yaml');
  writeFileSync(scenario, `history: {database: ${path}}\n`);
  t.match((await runCli(['explore', scenario, '--seeds', '2'])).stderr, ', in etcd 3.5.30.\n');
});
