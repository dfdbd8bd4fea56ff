// Every command that reads takes whatever has records in it: a database of mvccw, an etcd file, a snapshot, a server's
// directory or a part of it, packed or not. All give the same answer, and nothing is changed by it. A command that writes
// refuses all but a database of mvccw. A new command must be in one of the tables here.

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { allCommands } from '../support/all-commands.js';
import { unpackDataDirectory } from '../support/data-directories.js';
import { importInto, runCli, temporaryFolder } from '../support/run-cli.js';
import { snapshotBytes } from '../support/snapshots.js';
import { fingerprint } from '../support/untouched.js';

interface Reading {
  /** The command, its own words first. */
  readonly argv: readonly string[];
  /** Whether a database that was imported from the file gives the same answer; if not, the answer is about the file. */
  readonly ofRecords: boolean;
  /** The exit status, which is 0 if this is absent. */
  readonly exitCode?: number;
  readonly stdin?: string;
}

const KEY = '/a';
const ofRecords = (...argv: string[]): Reading => ({ argv, ofRecords: true });
const ofFile = (...argv: string[]): Reading => ({ argv, ofRecords: false });

const EXPORTED = join(mkdtempSync(join(tmpdir(), 'mvccw-test-')), 'exported.db');
t.teardown(() => rmSync(dirname(EXPORTED), { recursive: true, force: true }));

/** The commands that read. */
const READINGS: readonly Reading[] = [
  ofRecords('replay', '--from-rev', '1'),
  ofFile('dump'),
  ofFile('export', EXPORTED, '--force', '-w', 'json'),
  ofFile('status'),
  ofFile('check'),
  ofFile('usage'),
  ofRecords('history', '', '--prefix'),
  ofRecords('blame', '', '--prefix'),
  { ...ofRecords('diff', '--rev', '300..', '--stat'), exitCode: 1 },
  ofRecords('undelete', '', '--prefix'),
  ofRecords('hash'),
  ofRecords('tree'),
  ofRecords('watcher', 'list'),
  ofRecords('get', '', '--prefix'),
  // Nothing in these records tells a time.
  { ...ofRecords('when', '300'), exitCode: 4 },
  ofRecords('lease', 'list'),
  ofRecords('lease', 'timetolive', '1'),
  { ...ofRecords('verify', '-', KEY, '--rev', '300'), stdin: '{"Header":{"revision":300},"Events":[]}' },
  { ...ofRecords('txn'), stdin: `\nget ${KEY}\n\n\n` },
];

/** The commands that write, and those that wait for others to write. */
const WRITINGS: readonly (readonly string[])[] = [
  ['watcher', 'add', 'name', KEY],
  ['watcher', 'remove', 'name'],
  ['put', KEY, 'value'],
  ['del', KEY],
  ['watch', KEY],
  ['lease', 'grant', '60'],
  ['lease', 'revoke', '1'],
  ['lease', 'keep-alive', '1', '--once'],
  ['compact', '2'],
  ['defrag'],
  ['check', '--repair'],
  ['undelete', '', '--prefix', '--apply'],
];

/** The commands that take no database with --db, or not only one: they have tests of their own. */
const OTHERS = [
  'case',
  'explore',
  'steps',
  'schema',
  'import',
  'salvage',
  'wal',
  'wal check',
  'load',
  'completion',
  'version',
  'help',
  'watcher',
  'lease',
];

const BYTES = snapshotBytes('small-35');
const OTHER_PLACES = ['packed file', 'member', 'snap', 'packed data directory'];

interface Kinds {
  readonly folder: string;
  /** The paths that --db takes, by what they name. */
  readonly paths: Readonly<Record<string, string>>;
  /** The files that must stay as they are. */
  readonly files: readonly string[];
}

/** Writes the same records in each form. */
async function kinds(t: Test): Promise<Kinds> {
  const folder = temporaryFolder(t);
  const server = join(folder, 'server');
  const snap = join(server, 'member', 'snap');
  mkdirSync(snap, { recursive: true });
  mkdirSync(join(server, 'member', 'wal'));
  const packedServer = join(folder, 'packed-server');
  mkdirSync(join(packedServer, 'snap'), { recursive: true });
  const files = {
    snapshot: join(folder, 'x.db'),
    packed: join(folder, 'x.db.gz'),
    twoMembers: join(folder, 'x'),
    inServer: join(snap, 'db'),
    inPackedServer: join(packedServer, 'snap', 'db.gz'),
  };
  writeFileSync(files.snapshot, BYTES);
  copyFileSync(files.snapshot, files.inServer);
  writeFileSync(files.packed, gzipSync(BYTES));
  copyFileSync(files.packed, files.inPackedServer);
  const half = BYTES.length / 2;
  writeFileSync(files.twoMembers, Buffer.concat([gzipSync(BYTES.subarray(0, half)), gzipSync(BYTES.subarray(half))]));
  const imported = await importInto(t, files.snapshot, folder);
  // The first reader makes the lock file, in which readers and writers of a database of mvccw register.
  t.match(await runCli(['hash', '--db', imported]), { exitCode: 0 });
  return {
    folder,
    paths: {
      snapshot: files.snapshot,
      'packed file': files.packed,
      'packed file of two members and another name': files.twoMembers,
      'data directory': server,
      member: join(server, 'member'),
      snap,
      'packed data directory': packedServer,
      'database of mvccw': imported,
    },
    files: [...Object.values(files), join(imported, 'data.mdb')],
  };
}

t.test('every command is in one of the tables', async (t) => {
  const listed = [...READINGS.map(({ argv }) => argv), ...WRITINGS, ...OTHERS.map((name) => name.split(' '))];
  const isListed = (words: readonly string[]) => listed.some((argv) => words.every((word, i) => argv[i] === word));
  t.strictSame(
    (await allCommands()).filter((words) => !isListed(words)),
    [],
  );
});

t.test('reading', async (t) => {
  const { folder, paths, files } = await kinds(t);
  const look = () => [files.map(fingerprint), readdirSync(folder, { recursive: true }).sort()];
  const before = look();
  for (const { argv, ofRecords, stdin = '', exitCode = 0 } of READINGS) {
    const command = argv.join(' ');
    let expected: string | undefined;
    for (const [kind, path] of Object.entries(paths)) {
      // All commands find and unpack a file in the same way, so that one of them tries each place.
      if (argv[0] !== 'hash' && OTHER_PLACES.includes(kind)) continue;
      const run = await runCli([...argv, '--db', path], { stdin });
      t.equal(run.exitCode, exitCode, `${command}: ${kind}: ${run.stderr}`);
      const [, file = path] = / is the directory of an etcd server: reading ([^;\n]*)/.exec(run.stderr) ?? [];
      // What is said of the packing, and of where the file lies, differs; the sum of a dump is over the path too.
      const answer = run.stdout
        .replaceAll(file, 'PATH')
        .replaceAll(path, 'PATH')
        .replace(/^packed .*\n/m, '')
        .replace(/"sum":\d+/, '');
      expected ??= answer;
      if (ofRecords || kind !== 'database of mvccw') t.equal(answer, expected, `${command}: ${kind}`);
    }
    t.same(look(), before, `${command}: nothing has changed`);
  }
});

t.test('reading a data directory with its log', async (t) => {
  const folder = temporaryFolder(t);
  const server = unpackDataDirectory('mixed-35', 'm1', folder, true);
  const [db, wal] = [join(server, 'member', 'snap', 'db'), join(server, 'member', 'wal')];
  const imported = await importInto(t, server, folder, /the log gives revisions 2 to 481, /);
  const files = [db, ...readdirSync(wal).map((name) => join(wal, name))];
  const look = () => [files.map(fingerprint), readdirSync(folder, { recursive: true }).sort()];
  t.match(await runCli(['hash', '--db', imported]), { exitCode: 0 });
  const before = look();
  const forms = {
    'data directory': ['--db', server],
    member: ['--db', join(server, 'member')],
    'database and log': ['--db', db, '--wal', wal],
    'database of mvccw': ['--db', imported],
  };
  const ofLog = READINGS.filter(
    ({ argv: [command], ofRecords }) => ofRecords && !['tree', 'watcher'].includes(command!),
  );
  for (const { argv, stdin = '', exitCode = 0 } of ofLog) {
    let expected: string | undefined;
    for (const [kind, place] of Object.entries(forms)) {
      const name = `${argv.join(' ')}: ${kind}`;
      const run = await runCli([...argv, ...place], { stdin });
      t.equal(run.exitCode, exitCode, `${name}: ${run.stderr}`);
      // Who made a revision, a database does not keep.
      const answer = run.stdout
        .replaceAll(db, 'PATH')
        .replaceAll(imported, 'PATH')
        .replace(/, [a-z ]+ through m1, .*$/gm, '');
      expected ??= answer;
      const tellsOrigins = argv[0] === 'blame' && kind === 'database of mvccw';
      if (!tellsOrigins) t.equal(answer, expected, name);
    }
    const compacted = await runCli([...argv, '--compacted', '--db', server], { stdin });
    const alone = await runCli([...argv, '--db', db], { stdin });
    t.equal(compacted.stdout, alone.stdout, `${argv.join(' ')}: --compacted`);
    t.same(look(), before, `${argv.join(' ')}: nothing has changed`);
  }
  // What is said of the file itself stays what it is.
  for (const command of ['status', 'check', 'usage']) {
    const ofDirectory = await runCli([command, '--db', server]);
    t.equal(ofDirectory.stdout, (await runCli([command, '--db', db])).stdout, command);
  }
});

t.test('a file that is named without --db', async (t) => {
  const { paths, files } = await kinds(t);
  const targets = temporaryFolder(t);
  const look = () => files.map(fingerprint);
  const before = look();
  for (const command of ['import', 'salvage']) {
    for (const kind of ['snapshot', 'packed file', 'data directory']) {
      const target = join(targets, `${command} ${kind}`);
      t.match(await runCli([command, paths[kind]!, '--db', target]), { exitCode: 0 }, `${command}: ${kind}`);
      t.match(await runCli(['hash', '--db', target]), { exitCode: 0, stdout: /, 745610261\n$/ }, `${command}: ${kind}`);
    }
  }
  t.same(look(), before, 'nothing has changed');
});

t.test('writing', async (t) => {
  const { folder, paths, files } = await kinds(t);
  const look = () => [files.map(fingerprint), readdirSync(folder, { recursive: true }).sort()];
  const before = look();
  for (const argv of WRITINGS) {
    // Nothing is opened, so that the other forms make no difference.
    for (const kind of ['snapshot', 'packed file', 'data directory', 'packed data directory']) {
      const path = paths[kind]!;
      const { exitCode, stdout, stderr } = await runCli([...argv, '--db', path]);
      const name = `${argv.join(' ')}: ${kind}`;
      t.strictSame({ exitCode, stdout }, { exitCode: 2, stdout: '' }, name);
      t.match(
        stderr,
        /^Error: \S+ is (a file|an etcd server's directory): .*\nHint: .*mvccw (import \S+ --db|replay)/,
        name,
      );
    }
  }
  t.same(look(), before, 'nothing has changed');
});
