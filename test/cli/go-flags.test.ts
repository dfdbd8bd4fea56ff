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

t.test('what is neither, and flags that are not there', async (t) => {
  const rows: [argv: string[], stderr: RegExp][] = [
    [['get', 'a', '--prefix=maybe'], /^Error: --prefix: "maybe" is neither true nor false\n$/],
    [['get', 'a', '--prefix='], /^Error: --prefix: "" is neither true nor false\n$/],
    [['get', 'a', '--nosuch=true'], /^Error: unknown option '--nosuch=true'[\s\S]*Options are --prefix, /],
    [['put', 'a', 'v', '--prefix=true'], /^Error: unknown option '--prefix=true'/],
  ];
  for (const [argv, stderr] of rows) {
    t.match(await runCli(argv), { exitCode: 2, stdout: '', stderr }, argv.join(' '));
  }
});
