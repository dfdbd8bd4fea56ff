import { statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { newDatabase, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';

t.test('makes the database, for its owner only', async (t) => {
  const db = join(temporaryFolder(t), 'new', 'db');
  t.equal(await stdoutOf(t, ['--db', db, 'put', 'a', '1']), 'OK\n');
  t.equal(statSync(join(db, 'data.mdb')).mode & 0o077, 0);
  t.equal(await stdoutOf(t, ['--db', db, 'get', 'a']), 'a\n1\n');
});

t.test('the value from stdin, byte for byte', async (t) => {
  const db = join(temporaryFolder(t), 'db');
  for (const stdin of [Buffer.from('a\n\nb\n'), Buffer.from([0, 0xff, 0x0a, 0x80]), Buffer.alloc(300_000, 0xfe)]) {
    await stdoutOf(t, ['--db', db, 'put', 'k'], { stdin });
    const { stdout } = await runCli(['--db', db, 'get', 'k', '--print-value-only'], { encoding: 'latin1' });
    t.equal(stdout, `${stdin.toString('latin1')}\n`);
  }
  t.strictSame(await runCli(['--db', db, 'put', 'k']), {
    exitCode: 2,
    stdout: '',
    stderr: `Error: put command needs 1 argument and input from stdin or 2 arguments
Hint: for an empty value: mvccw put KEY ''
`,
  });
  await stdoutOf(t, ['--db', db, 'put', 'k', '']);
  t.equal(await stdoutOf(t, ['--db', db, 'get', 'k']), 'k\n\n');
});

t.test('on a terminal it says that it waits for the value', async (t) => {
  const db = join(temporaryFolder(t), 'db');
  const { stdout, stderr } = await runCli(['--db', db, 'put', 'k'], { isTTY: true, stdin: 'typed' });
  t.strictSame({ stdout, stderr }, { stdout: 'OK\n', stderr: 'Type the value; Ctrl-D ends it.\n' });
});

t.test('what was there before', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    store.grantLease(0xabn, 60);
    store.write((txn) => txn.put('k', Buffer.from('one\n'), 0xabn));
  });
  const put = (...args: string[]) => stdoutOf(t, ['--db', db, 'put', ...args]);
  t.equal(await put('k', 'two', '--prev-kv'), 'OK\nk\none\n\n');
  t.equal(
    await put('k', 'three', '--lease=ab', '--prev-kv', '-w', 'json'),
    '{"header":{"revision":4},"prev_kv":{"key":"aw==","create_revision":2,"mod_revision":3,"version":2,"value":"dHdv"}}\n',
  );
  t.equal(
    await put('k', '--ignore-value', '--ignore-lease', '--prev-kv', '-w', 'fields'),
    `"Revision" : 5
"PrevKey" : "k"
"PrevCreateRevision" : 2
"PrevModRevision" : 4
"PrevVersion" : 3
"PrevValue" : "three"
"PrevLease" : 171
`,
  );
  t.match(await put('k', 'five', '--prev-kv', '-w', 'table'), /^│ k +│ three │ +2 │ +5 │ +4 │ 00000000000000ab │$/m);
  t.equal(await put('new', 'x', '--prev-kv', '-w', 'json'), '{"header":{"revision":7}}\n', 'nothing was there');
  t.equal(await put('k', 'x', '--prev-kv', '--hex'), 'OK\n\\x6b\n\\x66\\x69\\x76\\x65\n');
});

t.test('refused', async (t) => {
  const db = await newDatabase(t, () => undefined);
  const table: [args: string[], exitCode: number, stderr: RegExp][] = [
    [['', 'v'], 2, /^Error: key is not provided\n/],
    [['k', 'v', 'w'], 2, /too many arguments/],
    [[], 2, /missing required argument 'key'/],
    [['k', 'v', '--ignore-value'], 2, /needs only 1 argument when `--ignore-value` is set/],
    [['k', 'v', '--lease=1', '--ignore-lease'], 2, /`--lease` and `--ignore-lease` cannot be set/],
    [['k', 'v', '--lease=zz'], 2, /^Error: bad lease ID "zz", expecting ID in Hex\n/],
    [['k', 'v', '--lease=8000000000000000'], 2, /bad lease ID/],
    [['k', 'v', '--lease=77'], 4, /^Error: lease 0000000000000077 not found\nHint: /],
    [['k', '--ignore-value'], 4, /^Error: key not found: "k"\nHint: /],
    [['k', 'v', '--ignore-lease'], 4, /^Error: key not found: "k"\nHint: /],
    [['k', 'v', '-w', 'json', '--hex'], 2, /^Error: --hex is not for `--write-out=json`\nHint: /],
    [['k', 'caf\udcff'], 2, /^Error: an argument is not UTF-8\nHint: /],
    [['k\udcff', 'v'], 2, /^Error: an argument is not UTF-8\nHint: /],
    [['k', '-x'], 2, /unknown option '-x'/],
  ];
  for (const [args, exitCode, stderr] of table) {
    const run = await runCli(['--db', db, 'put', ...args]);
    t.equal(run.exitCode, exitCode, args.join(' '));
    t.equal(run.stdout, '');
    t.match(run.stderr, stderr);
  }
  t.equal(await stdoutOf(t, ['--db', db, 'get', '', '--prefix', '--count-only']), '0\n', 'nothing was put');
  t.equal(await stdoutOf(t, ['--db', db, 'put', 'k', '--', '-x']), 'OK\n', 'a dash behind two of them');
  t.equal(await stdoutOf(t, ['--db', db, 'put', 'k', '-5']), 'OK\n', 'a negative number is no option');
});

// A value of 600 MB was once accepted, and then neither get nor watch could print it.
t.test('as large as a record may be, in each format, and larger', async (t) => {
  const db = join(temporaryFolder(t), 'db');
  const MAX = 16 * 1024 * 1024;
  const largest = Buffer.alloc(MAX - 1, '\xff', 'latin1');
  await stdoutOf(t, ['--db', db, 'put', 'k'], { stdin: largest });
  const formats: [options: string[], printedBytes: number][] = [
    [['-w', 'simple'], MAX + 2],
    [['--hex'], 4 * MAX + 2],
    [['-w', 'json'], 4 * Math.ceil((MAX - 1) / 3)],
    [['-w', 'fields'], 4 * (MAX - 1)],
  ];
  for (const [options, printedBytes] of formats) {
    const { exitCode, stdout } = await runCli(['--db', db, 'get', 'k', ...options], { encoding: 'latin1' });
    t.equal(exitCode, 0, options.join(' '));
    t.ok(stdout.length >= printedBytes && stdout.length < printedBytes + 200, `${stdout.length}`);
  }
  t.match(await stdoutOf(t, ['--db', db, 'get', 'k', '-w', 'table']), `│ k   │ (${MAX - 1} bytes) │`);
  const shown = await runCli(['--db', db, 'get', 'k'], { isTTY: true, encoding: 'latin1' });
  t.equal(shown.stdout.length, 4 * (MAX - 1) + 3);

  const refused = {
    exitCode: 2,
    stdout: '',
    stderr: /key and value have more than 16 MiB together\nHint: a record may have 16777216 bytes/,
  };
  const tooLarge = Buffer.alloc(MAX, 'v');
  t.match(await runCli(['--db', db, 'put', 'k'], { stdin: tooLarge }), refused);
  t.match(await runCli(['--db', db, 'txn'], { stdin: `\nput k "${tooLarge}"\n\n\n` }), refused);
  t.match(await runCli(['--db', db, 'txn'], { stdin: Buffer.alloc(5 * MAX, 'v') }), {
    exitCode: 2,
    stdout: '',
    stderr:
      /^Error: a line of stdin has more than 67174400 bytes\nHint: a request and its value are one line; put KEY reads/,
  });
});
