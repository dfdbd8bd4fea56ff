import t from 'tap';
import { newDatabase, runCli, stdoutOf } from '../support/run-cli.js';

t.test('flags with true and false, as in etcdctl', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    for (const key of ['a', 'ab', '--prefix=false']) store.write((txn) => txn.put(key, Buffer.from('v')));
  });
  const run = (...argv: string[]) => stdoutOf(t, ['--db', db, ...argv]);
  for (const yes of ['true', 'TRUE', 'True', 't', 'T', '1']) {
    t.equal(await run('get', `--prefix=${yes}`, 'a', '--keys-only=1', '--hex=f'), 'a\n\nab\n\n', yes);
  }
  for (const no of ['false', 'FALSE', 'False', 'f', 'F', '0']) {
    t.equal(await run('get', 'a', `--prefix=${no}`, '--keys-only'), 'a\n\n', no);
  }
  t.equal(await run('--hex=true', 'get', 'a'), '\\x61\n\\x76\n');
  t.equal(await run('get', '--', '--prefix=false'), '--prefix=false\nv\n', 'behind -- it is a key');
  t.equal(await run('get', 'a', '--limit=1', '--prefix=true', '--print-value-only'), 'v\n');
  t.equal(await run('put', 'a', 'w', '--prev-kv=false'), 'OK\n');
  t.match(await run('lease', 'list', '--hex=false'), /^found 0 leases/);
});

// The flag -w=json was once taken for the format "=json", and refused.
t.test('each way of giving a flag that etcdctl takes', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    for (const key of ['a', 'ab', 'b']) store.write((txn) => txn.put(key, Buffer.from('v')));
  });
  const run = (...argv: string[]) => stdoutOf(t, ['--db', db, ...argv]);
  const json = await run('get', 'a', '--write-out', 'json');
  t.match(json, /^\{"header"/);
  for (const argv of [
    ['-w=json'],
    ['-wjson'],
    ['-w', 'json'],
    ['--write-out=json'],
    ['--write-out=table', '-w=json'],
  ]) {
    t.equal(await run('get', 'a', ...argv), json, argv.join(' '));
    t.equal(await run(...argv, 'get', 'a'), json, `${argv.join(' ')} before the command`);
  }
  t.equal(await run('get', 'a', '--prefix', '--prefix=false', '--keys-only'), 'a\n\n', 'the last one counts');
  t.equal(await run('get', 'a', '--prefix=false', '--prefix', '--keys-only'), 'a\n\nab\n\n');
  t.equal(
    await run('get', '', '--prefix', '--keys-only', '--limit=0x2', '--rev=0_0_4'),
    'a\n\nab\n\n',
    'numbers of Go',
  );
  t.equal(await run('get', 'a', '--help=false'), 'a\nv\n');
  for (const interactive of ['-i=true', '-i=T', '-i=1', '-i', '--interactive=true']) {
    const { stdout, stderr } = await runCli(['--db', db, 'txn', interactive], { stdin: '\nget a\n\n\n' });
    t.equal(stdout, 'SUCCESS\n\na\nv\n');
    t.match(stderr, /^compares:\n/, interactive);
  }
  t.strictSame(await runCli(['--db', db, 'txn', '-iw=json', '-i=false'], { stdin: '\nget b\n\n\n' }), {
    exitCode: 0,
    stdout: (await runCli(['--db', db, 'txn', '-w', 'json'], { stdin: '\nget b\n\n\n' })).stdout,
    stderr: '',
  });
  t.match(await runCli(['--db', db, 'txn', '-w=json'], { stdin: '\nget a --prefix --prefix=0 --limit=01\n\n\n' }), {
    exitCode: 0,
    stdout: /"count":1\b/,
  });
  t.match(await run('-h=true'), /^Usage: mvccw /);
});

t.test('what is neither, and flags that are not there', async (t) => {
  const rows: [argv: string[], stderr: RegExp][] = [
    [['get', 'a', '--prefix=maybe'], /^Error: --prefix: "maybe" is neither true nor false\n$/],
    [['get', 'a', '--prefix='], /^Error: --prefix: "" is neither true nor false\n$/],
    [['get', 'a', '--nosuch=true'], /^Error: unknown option '--nosuch=true'[\s\S]*Options are --prefix, /],
    [['get', 'a', '--limit=08'], /^Error: --limit: "08" is not a whole number from 0 on\n/],
    [['get', 'a', '--limit=1__0'], /^Error: --limit: "1__0" is not a whole number/],
    [['get', 'a', '-w='], /'=' is invalid/],
    [['get', 'a', '-w'], /argument missing/],
    [['txn', '-i='], /unknown option '-='/],
    [['txn', '-ix'], /unknown option '-x'/],
    [['get', 'a', '---prefix'], /unknown option '---prefix'/],
    [['get', 'a', '--=x'], /unknown option '--=x'/],
    [['put', 'a', 'v', '--prefix=true'], /^Error: unknown option '--prefix=true'/],
  ];
  for (const [argv, stderr] of rows) {
    t.match(await runCli(argv), { exitCode: 2, stdout: '', stderr }, argv.join(' '));
  }
});
