// All commands share exit statuses, the choice of stdout or stderr, the handling of closed pipes, help and usage
// errors.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { COMMANDS } from '../../src/cli/command-list.js';
import { VERSION } from '../../src/version.js';
import { allCommands } from '../support/all-commands.js';
import { projectFile } from '../support/root.js';
import { newDatabase, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';

const ROOT = projectFile('');

t.test('the version is that of the package', async (t) => {
  t.equal(VERSION, JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version);
  for (const option of ['--version', '-V']) t.equal(await stdoutOf(t, [option]), `${VERSION}\n`);
});

t.test('help goes to stdout when it was asked for, and to stderr when nothing was', async (t) => {
  const help = await stdoutOf(t, ['--help']);
  t.match(help, /^Usage: mvccw \[options\] \[command\]\n/);
  for (const [name] of await allCommands()) t.match(help, new RegExp(`^  ${name}[ ,]`, 'm'), `names ${name}`);
  t.match(help, '\nExamples:\n');
  t.match(help, '\nExit status:\n');
  for (const [group, commands] of COMMANDS) {
    t.match(help, `\n\n${group}\n  ${commands[0]!.name}`);
    t.ok(commands.length <= 8, `${group} can be taken in at a glance`);
  }
  t.strictSame(await runCli([]), { exitCode: 2, stdout: '', stderr: help });
});

t.test('every command and subcommand explains itself, its shared options and examples', async (t) => {
  const commands = await allCommands();
  t.ok(commands.length >= 25);
  for (const path of commands) {
    const name = path.join(' ');
    const help = await stdoutOf(t, [...path, '--help']);
    t.match(help, new RegExp(`^Usage: mvccw ${name}[| ]`), name);
    t.match(help, /\n {2}--db <path> /, `${name}: --db`);
    t.match(help, /\n {2}-w, --write-out <format> /, `${name}: -w`);
    t.notMatch(help, '--version', `${name}: the version is asked of mvccw alone`);
    const examples = help.slice(help.indexOf('\nExamples:\n'));
    t.match(examples, new RegExp(`^\nExamples:\n[^]*mvccw (--db \\S+ )?${name}`), `${name}: examples`);
    t.ok(
      help.split('\n').every((line) => line.length <= 120),
      `${name}: lines of at most 120 columns`,
    );
  }
});

t.test('all help fits a terminal of 80 columns', async (t) => {
  for (const path of [[], ...(await allCommands())]) {
    const narrow = await stdoutOf(t, [...path, '--help'], { columns: 80, isTTY: true });
    const long = narrow.split('\n').filter((line) => line.length > 80);
    t.strictSame(long, [], path.join(' '));
  }
});

t.test('usage errors name the command, its usage and where help is', async (t) => {
  const cases: [string[], string][] = [
    [
      ['hsah'],
      `Error: unknown command 'hsah'
(Did you mean hash?)
Usage: mvccw [options] [command]
See 'mvccw --help'
`,
    ],
    [
      ['watcher', 'ad', 'x', 'y'],
      `Error: unknown command 'ad'
(Did you mean add?)
Usage: mvccw watcher [options] [command]
See 'mvccw watcher --help'
`,
    ],
    [
      ['status', '--bogus'],
      `Error: unknown option '--bogus'
Options are --help, --db, --wal, --compacted, --write-out, --hex, --decode, --show-secrets
Usage: mvccw status [options]
See 'mvccw status --help'
`,
    ],
    [
      ['hash', '--ref', '5'],
      `Error: unknown option '--ref'
(Did you mean --rev?)
Options are --rev, --help, --db, --wal, --compacted, --write-out, --hex, --decode, --show-secrets
Usage: mvccw hash [options]
See 'mvccw hash --help'
`,
    ],
    [
      ['put', '-x', 'y'],
      `Error: unknown option '-x'
Options are --prev-kv, --lease, --ignore-value, --ignore-lease, --key-hex, --value-hex, --help,
--db, --wal, --compacted, --write-out, --hex, --decode, --show-secrets
Hint: an argument that begins with a dash goes behind "--"
Usage: mvccw put [options] <key> [value]
See 'mvccw put --help'
`,
    ],
    [
      ['endpoint', 'status'],
      `Error: unknown command 'endpoint'
Hint: "mvccw status" and "mvccw hash" tell of the database
Usage: mvccw [options] [command]
See 'mvccw --help'
`,
    ],
    [
      ['status', '--endpoints=localhost:2379'],
      `Error: unknown option '--endpoints=localhost:2379'
Options are --help, --db, --wal, --compacted, --write-out, --hex, --decode, --show-secrets
Hint: the database is named with --db or $MVCCW_DB
Usage: mvccw status [options]
See 'mvccw status --help'
`,
    ],
    [
      ['constructor'],
      `Error: unknown command 'constructor'
Usage: mvccw [options] [command]
See 'mvccw --help'
`,
    ],
    [
      ['status', 'extra'],
      `Error: too many arguments for 'status'. Expected 0 arguments but got 1.
Usage: mvccw status [options]
See 'mvccw status --help'
`,
    ],
    [
      ['tree', '--stab'],
      `Error: option '--stab <key>' argument missing
Usage: mvccw tree [options]
See 'mvccw tree --help'
`,
    ],
    [
      ['status', '-w', 'xml'],
      `Error: option '-w, --write-out <format>' argument 'xml' is invalid. Allowed choices are simple, json, fields, table.
Usage: mvccw [options] [command]
See 'mvccw --help'
`,
    ],
  ];
  for (const [args, stderr] of cases) {
    t.strictSame(await runCli(args), { exitCode: 2, stdout: '', stderr }, args.join(' '));
  }
});

t.test('a message steers no terminal, whatever it quotes', async (t) => {
  const evil = '\x1b[31mx\u009b2J';
  const cases = [
    [evil],
    ['get', `--${evil}`],
    ['get', 'a', '-w', evil],
    ['case', evil],
    ['--db', evil, 'get', 'a'],
    ['watch', 'a', '--filter', evil],
    ['import', evil],
  ];
  for (const args of cases) {
    const { stdout, stderr } = await runCli(args);
    t.equal(stdout, '');
    t.match(stderr, /x\\u009b2J/, 'it is still told');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    t.notMatch(stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/, stderr);
  }
});

t.test('the database: --db before or behind the command, else $MVCCW_DB, else ./mvccw.db', async (t) => {
  const db = await newDatabase(t, () => undefined);
  const path = `path        ${db}\n`;
  t.match(await stdoutOf(t, ['--db', db, 'status']), path);
  t.match(await stdoutOf(t, ['status', '--db', db]), path);
  t.match(await stdoutOf(t, ['status'], { env: { MVCCW_DB: db } }), path);
  t.match(await stdoutOf(t, ['status', '--db', db], { env: { MVCCW_DB: '/nowhere' } }), path);
  for (const env of [{}, { MVCCW_DB: '' }]) {
    t.match(await runCli(['status'], { env }), {
      exitCode: 5,
      stderr: 'Error: there is no database at ./mvccw.db\n',
    });
  }
});

t.test('each kind of failure has its exit status', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    store.write((txn) => txn.put('a', Buffer.from('1')));
    store.write((txn) => txn.put('a', Buffer.from('2')));
    store.compact(3);
  });
  const garbage = join(temporaryFolder(t), 'garbage');
  writeFileSync(garbage, 'nothing that etcd wrote'.repeat(1000));
  const cases: [string[], number, RegExp][] = [
    [['status', '--db', db], 0, /^$/],
    [['status', '--bogus'], 2, /^Error: unknown option/],
    [['tree', '--db', db, '--watch', 'key'], 2, /^Error: --watch "key": /],
    [['status', '--db', garbage], 3, /^Error: .*garbage: not a bbolt file: .*\nHint: /],
    [['hash', '--db', db, '--rev', '2'], 4, /^Error: revision 2 has been compacted/],
    [['hash', '--db', db, '--rev', '4'], 4, /^Error: revision 4 is in the future/],
    [['watcher', 'remove', 'x', '--db', db], 4, /^Error: no watcher named "x"/],
    [['status', '--db', join(db, 'data.mdb', 'x')], 5, /^Error: cannot open /],
  ];
  for (const [args, exitCode, stderr] of cases) {
    t.match(await runCli(args), { exitCode, stderr }, args.join(' '));
  }
});

t.test('a reader that goes away is no failure', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    for (let i = 0; i < 20; i++) {
      store.write((txn) => {
        for (let j = 0; j < 100; j++) txn.put(`${'a'.repeat(50)}${j}`, Buffer.from('x'));
      });
    }
  });
  const run = await runCli(['replay', '--db', db, '--watch-batch-max-revs', '1'], { closeAfterBytes: 1 });
  t.strictSame({ exitCode: run.exitCode, stderr: run.stderr }, { exitCode: 0, stderr: '' });
  t.ok(run.stdout.length < 100_000, 'and the command stops early');
  t.strictSame(await runCli(['--help'], { closeAfterBytes: 0 }), { exitCode: 0, stdout: '', stderr: '' });
  t.match(await runCli(['status', '--db', '/nowhere'], { closeAfterBytes: 0 }), { exitCode: 5, stderr: /^Error: / });
});

t.test('an output that cannot be written is an I/O error', async (t) => {
  const db = await newDatabase(t, () => undefined);
  t.strictSame(await runCli(['status', '--db', db], { closeAfterBytes: 0, closeWith: 'ENOSPC' }), {
    exitCode: 5,
    stdout: '',
    stderr: 'Error: cannot write the output: write ENOSPC\n',
  });
});

t.test('the program itself', async (t) => {
  const bin = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin', 'mvccw.js'), ...args], {
      encoding: 'utf8',
      // The environment leaves out what tap adds for its own processes.
      env: { PATH: process.env.PATH },
    });
    return { status, stdout, stderr };
  };
  t.strictSame(bin('--version'), { status: 0, stdout: `${VERSION}\n`, stderr: '' });
  const db = join(temporaryFolder(t), 'new.db');
  t.strictSame(bin('watcher', 'add', 'grüße', '/ü', '--db', db), {
    status: 0,
    stdout: 'Watcher grüße added\n',
    stderr: '',
  });
  t.strictSame(bin('watcher', 'list', '--db', db), { status: 0, stdout: 'name=grüße,key=/ü\n', stderr: '' });
  t.strictSame(bin('hash', '--rev', '9', '--db', db), {
    status: 4,
    stdout: '',
    stderr: 'Error: revision 9 is in the future: the newest is 1\nHint: choose a revision up to 1\n',
  });
});

t.test('--hex is refused where it would change nothing', async (t) => {
  for (const args of [['lease', 'list'], ['watcher', 'list'], ['tree'], ['status'], ['replay'], ['case', 'list']]) {
    t.strictSame(await runCli(['--hex', ...args]), {
      exitCode: 2,
      stdout: '',
      stderr: `Error: --hex is not for ${args[0]}${['lease', 'watcher'].includes(args[0]!) ? ' list' : ''}
Hint: it is for put, get, del, txn, watch, history, diff, blame, usage, wal; -w json has all bytes in base64
`,
    });
  }
});
