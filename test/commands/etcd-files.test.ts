// These tests check what the commands say of each file in fixtures/cases, which are files that people have met.

import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { projectFile } from '../support/root.js';
import { runCli, temporaryFolder } from '../support/run-cli.js';
import { fingerprint } from '../support/untouched.js';

const CASES = projectFile('fixtures/cases/');
const SNAPSHOT = projectFile('fixtures/etcd-3.5.snapshot.db');

function unpack(t: Test, name: string): string {
  const path = join(temporaryFolder(t), 'db');
  writeFileSync(path, gunzipSync(readFileSync(join(CASES, `${name}.db.gz`))));
  return path;
}

t.test('status tells what is wrong with a file whose records can be read', async (t) => {
  const table: [name: string, problems: RegExp[]][] = [
    [
      'freelist-page-twice',
      [/^the freelist on page 2 .* has page 4 twice$/, /^the freelist .* has page 4, which the file uses/],
    ],
    ['freelist-is-leaf', [/^the freelist cannot be read: page 2 .*: expected a freelist page, found a leaf page$/]],
    ['digest-cut-by-1', [/^31 bytes follow the last page.*: it is a snapshot that was cut short$/]],
    ['digest-and-newline', [/^33 bytes follow the last page.*: it was cut short, or something was added to it$/]],
  ];
  for (const [name, problems] of table) {
    const db = unpack(t, name);
    const json = await runCli(['status', '--db', db, '-w', 'json']);
    t.equal(json.exitCode, 1, name);
    t.match(JSON.parse(json.stdout), { problems, currentRev: 4 }, name);
    t.equal(JSON.parse(json.stdout).problems.length, problems.length, name);
    const simple = await runCli(['status', '--db', db]);
    t.equal(simple.stdout.match(/^damage /gm)?.length, problems.length, name);
    t.notMatch(simple.stdout, /without a digest\n(.*\n)*damage +\d+ bytes/, name);
  }
});

t.test('other commands answer out of a file that was cut or has grown, and say so', async (t) => {
  for (const [name, bytes] of [
    ['digest-cut-by-1', 31],
    ['digest-and-newline', 33],
  ] as const) {
    const db = unpack(t, name);
    const hint = new RegExp(`^Hint: ${bytes} bytes follow the last page`);
    t.match(await runCli(['get', '', '--prefix', '--count-only', '--db', db]), { exitCode: 0, stderr: hint }, name);
    t.match(await runCli(['replay', '--db', db, '--from-rev', '1']), { exitCode: 0, stderr: hint }, name);
    t.match(await runCli(['import', db, '--db', `${db}.imported`]), { exitCode: 0, stderr: hint }, name);
  }
});

t.test('a page from which elements were cleared is read as etcd reads it', async (t) => {
  const db = unpack(t, 'cleared-elements');
  const stderr = /^Hint: page 8: elements have been taken off, as `bbolt surgery` does; .*\n$/;
  const status = await runCli(['status', '--db', db, '-w', 'json']);
  t.match(status, { exitCode: 1, stderr });
  t.match(JSON.parse(status.stdout), {
    records: 2,
    oldestRev: 1,
    currentRev: 3,
    problems: [/^page 8: elements have been/],
  });
  t.match(await runCli(['get', '', '--prefix', '--db', db]), { exitCode: 0, stdout: '/a\n1\n/b\n1\n', stderr });
  t.match(await runCli(['hash', '--db', db]), { exitCode: 0, stdout: /, 406866313\n$/, stderr });
});

t.test('import refuses a file from which elements were cleared, unless told', async (t) => {
  const db = unpack(t, 'cleared-elements');
  const imported = `${db}.imported`;
  const told = /: page 8: elements have been taken off, as `bbolt surgery` does; a damaged count looks the same\. .*\n/;
  const refused = await runCli(['import', db, '--db', imported]);
  t.match(refused, { exitCode: 3, stderr: told });
  t.match(refused.stderr, /\nHint: what is left is imported with --cleared-elements\n$/);
  t.notOk(existsSync(imported));
  t.match(await runCli(['import', db, '--db', imported, '--cleared-elements']), { exitCode: 0, stderr: told });
  t.match(await runCli(['get', '', '--prefix', '--db', imported]), { exitCode: 0, stdout: '/a\n1\n/b\n1\n' });
});

t.test('a leaf that lost its elements without a trace is damage', async (t) => {
  const db = unpack(t, 'empty-last-leaf');
  const stderr = /^Error: page 14 \(byte 57344\): a leaf page without elements, and page 10 .*, element 9 leads to it/;
  for (const command of [['get', '', '--prefix'], ['hash'], ['status'], ['replay', '--from-rev', '1']]) {
    t.match(await runCli([...command, '--db', db]), { exitCode: 3, stdout: '', stderr }, command.join(' '));
  }
  t.match(await runCli(['import', db, '--db', `${db}.imported`]), { exitCode: 3, stderr: /page 14/ });
});

t.test('import tells of a bad freelist, as status does', async (t) => {
  const db = unpack(t, 'freelist-page-twice');
  const stderr =
    /^Hint: the freelist on page 2 .* has page 4 twice\nHint: the freelist .* has page 4, which the file uses/;
  t.match(await runCli(['import', db, '--db', `${db}.imported`]), { exitCode: 0, stderr });
});

t.test('an entry of the bucket of leases that is no lease is refused', async (t) => {
  const db = unpack(t, 'lease-key-too-long');
  const refused = {
    exitCode: 3,
    stdout: '',
    stderr: /^Error: bucket 'lease': the key 0x0{16}64.* has 25 bytes, expected 8\nHint: /,
  };
  for (const command of [['lease', 'list'], ['status'], ['lease', 'timetolive', '4d', '--keys']]) {
    t.match(await runCli([...command, '--db', db]), refused, command.join(' '));
  }
  t.match(await runCli(['get', 'a', '--db', db]), { exitCode: 0, stdout: 'a\nv1\n' });
  t.match(await runCli(['import', db, '--db', `${db}.imported`]), refused);
});

t.test('a file whose newer meta is damaged is read as it was before, and that is said', async (t) => {
  const db = unpack(t, 'newest-meta-one-bit');
  const hint =
    'Hint: meta 1 is damaged, and it was the newer one: without its one wrong byte it has txid 9. All answers are from meta 0, of txid 8: what was committed last is missing\n';
  for (const command of [
    ['get', 'a'],
    ['get', 'a', '--rev', '2'],
    ['hash'],
    ['tree'],
    ['watcher', 'list'],
    ['lease', 'list'],
    ['replay', '--from-rev', '1', '--watch', 'key=a'],
  ]) {
    const { exitCode, stderr } = await runCli([...command, '--db', db]);
    t.strictSame([exitCode, stderr.slice(0, hint.length)], [0, hint], command.join(' '));
  }
  t.match(
    await runCli(['get', 'a', '--rev', '5', '--db', db]),
    { exitCode: 4, stderr: hint },
    'an error follows the hint',
  );
  t.match(await runCli(['status', '--db', db]), {
    exitCode: 1,
    stdout: /^damage +meta 1: its checksum/m,
    stderr: hint,
  });

  const imported = `${db}.imported`;
  t.strictSame(await runCli(['import', db, '--db', imported]), {
    exitCode: 3,
    stdout: '',
    stderr: `${hint.replace('Hint: ', `Error: ${db}: `)}Hint: what is left is imported with --older-meta\n`,
  });
  t.notOk(existsSync(imported));
  t.match(await runCli(['import', db, '--db', imported, '--older-meta']), { exitCode: 0, stderr: hint });
  t.match(await runCli(['get', 'a', '--db', imported]), { exitCode: 0, stdout: 'a\nv3\n', stderr: '' });
});

// A bit of the first byte of record 3_1 is wrong. Its key was then found nowhere, so that a replay left its event out,
// while other commands refused the file. In the other file, record 5_0 says modRevision 77; an import took it.
t.test('every command refuses a record that etcd cannot have written', async (t) => {
  const table: [name: string, message: RegExp][] = [
    ['one-bit-key-tag', /^Error: revision 3_1: key-value record: field 2 behind field 5 at byte 32 of 165$/m],
    ['wrong-mod-revision', /^Error: revision 5_0: its record says modRevision 77$/m],
  ];
  for (const [name, stderr] of table) {
    const db = unpack(t, name);
    for (const command of [
      ['status'],
      ['hash'],
      ['replay', '--summary'],
      ['replay', '--check', 'off'],
      ['get', '', '--prefix'],
      ['get', '', '--prefix', '--count-only'],
      ['import', db, '--db', `${db}.imported`],
    ]) {
      const { exitCode, stderr: told } = await runCli([...command, ...(command[0] === 'import' ? [] : ['--db', db])]);
      t.equal(exitCode, 3, `${name}: ${command.join(' ')}`);
      t.match(told, stderr, `${name}: ${command.join(' ')}`);
    }
    t.notOk(existsSync(`${db}.imported`), 'nothing is left of the import');
  }
});

// The last put that was accepted had a revision beyond 2^53, and then nothing could be read.
t.test(
  'a history that reaches the highest revision is imported and read, and no more is written than can be',
  async (t) => {
    const file = unpack(t, 'revision-near-2-53');
    const db = `${file}.imported`;
    const run = (...args: string[]) => runCli([...args, '--db', db]);
    t.match(await run('import', file), { exitCode: 0, stdout: /revisions 1 to 9007199254740990;/ });
    t.match(await run('put', 'a', 'last'), { exitCode: 0 });
    const full = {
      exitCode: 5,
      stdout: '',
      stderr: /^Error: no revision is left: the newest, 9007199254740991, is the highest that can be read\nHint: /,
    };
    t.match(await run('put', 'a', 'more'), full);
    t.match(await run('del', 'a'), full);
    t.match(await run('get', 'a', '--print-value-only'), { exitCode: 0, stdout: 'last\n' });
    t.match(await run('hash'), { exitCode: 0 });
    t.match(await run('replay', '--from-rev', '1', '--watch', 'key=a'), {
      exitCode: 0,
      stdout: /PUT +9007199254740991 /,
    });
    t.match(await run('compact', '9007199254740991'), { exitCode: 0 });
    t.match(await run('get', 'a', '--print-value-only'), { exitCode: 0, stdout: 'last\n' });
  },
);

t.test('a zip archive is named', async (t) => {
  const zip = join(CASES, 'snapshot.zip');
  t.strictSame(await runCli(['status', '--db', zip]), {
    exitCode: 3,
    stdout: '',
    stderr: `Error: ${zip}: not a bbolt file: it is a zip archive\nHint: unpack it first: unzip\n`,
  });
});

t.test('the directory of an etcd server', async (t) => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'etcd');
  const file = join(data, 'member', 'snap', 'db');
  mkdirSync(join(data, 'member', 'snap'), { recursive: true });
  mkdirSync(join(data, 'member', 'wal'));
  copyFileSync(SNAPSHOT, file);
  const before = fingerprint(file);
  for (const directory of [data, join(data, 'member'), join(data, 'member', 'snap')]) {
    const hint = `Hint: ${directory} is the directory of an etcd server: reading ${file}; no log lies in it: --wal names one that lies elsewhere\n`;
    const ofFile = await runCli(['hash', '--db', file]);
    t.strictSame(await runCli(['hash', '--db', directory]), { ...ofFile, stderr: hint });
    t.match(await runCli(['replay', '--db', directory, '--from-rev', '355']), { exitCode: 0, stderr: hint });
    const imported = join(folder, `imported-${basename(directory)}`);
    t.match(await runCli(['import', directory, '--db', imported]), { exitCode: 0, stderr: hint });
    t.match(await runCli(['put', 'a', '1', '--db', directory]), {
      exitCode: 2,
      stderr: `Error: ${directory} is an etcd server's directory: mvccw writes only to databases of its own\nHint: make one of it with: mvccw import ${directory} --db DIR\n`,
    });
  }
  t.match(await runCli(['watch', 'a', '--db', data]), { exitCode: 2, stderr: /is an etcd server's directory: only a/ });
  t.same(fingerprint(file), before, 'the file is as it was');
  const wal = join(data, 'member', 'wal');
  t.match(await runCli(['get', 'a', '--db', wal]), { exitCode: 3, stderr: /no database of mvccw/ });
});
