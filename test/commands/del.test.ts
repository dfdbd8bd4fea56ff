import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { newDatabase, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';

function filled(t: Test): Promise<string> {
  return newDatabase(t, ({ store }) => {
    store.write((txn) => {
      for (const key of ['a', 'a1', 'a2', 'b', '\xff']) txn.put(key, Buffer.from(`${key}!`, 'latin1'));
    });
  });
}

t.test('which keys, all in one revision', async (t) => {
  const table: [args: string[], deleted: number][] = [
    [['a'], 1],
    [['none'], 0],
    [['a', 'a2'], 2],
    [['a', 'a2', '--range'], 2],
    [['b', 'a'], 0],
    [['a', '--prefix'], 3],
    [['a2', '--from-key'], 3],
    [['', '--prefix'], 5],
  ];
  for (const [args, deleted] of table) {
    const db = await filled(t);
    t.equal(await stdoutOf(t, ['--db', db, 'del', ...args]), `${deleted}\n`, args.join(' '));
    const revision = deleted === 0 ? 2 : 3;
    t.match(await stdoutOf(t, ['--db', db, 'get', '', '--prefix', '--count-only', '-w', 'fields']), `: ${revision}\n`);
    t.equal(await stdoutOf(t, ['--db', db, 'get', '', '--prefix', '--count-only']), `${5 - deleted}\n`);
  }
});

t.test('each format, with what was there', async (t) => {
  const db = await filled(t);
  const del = (...args: string[]) => stdoutOf(t, ['--db', db, 'del', ...args, '--prev-kv']);
  t.equal(await del('a1'), '1\na1\na1!\n');
  t.equal(
    await del('a', '-w', 'json'),
    '{"header":{"revision":4},"deleted":1,"prev_kvs":[{"key":"YQ==","create_revision":2,"mod_revision":2,"version":1,"value":"YSE="}]}\n',
  );
  t.equal(await del('a', '-w', 'json'), '{"header":{"revision":4}}\n');
  t.match(await del('b', '-w', 'fields'), /^"Revision" : 5\n"Deleted" : 1\n"PrevKey" : "b"\n/);
  t.match(await del('a2', '-w', 'table'), /│ a2 +│ a2! +│/);
});

t.test('never makes a database', async (t) => {
  const db = join(temporaryFolder(t), 'none');
  t.match(await runCli(['--db', db, 'del', 'a']), { exitCode: 5, stderr: /^Error: there is no database at / });
  t.notOk(existsSync(db));
});

t.test('refused', async (t) => {
  const db = await filled(t);
  for (const args of [[], [''], ['a', 'b', 'c'], ['a', '--prefix', '--from-key'], ['a', 'b', '--prefix']]) {
    t.match(await runCli(['--db', db, 'del', ...args]), { exitCode: 2, stdout: '' }, args.join(' '));
  }
  t.equal(await stdoutOf(t, ['--db', db, 'get', '', '--prefix', '--count-only']), '5\n');
});
