import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { newDatabase, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';

function filled(t: Test): Promise<string> {
  return newDatabase(t, ({ store }) => {
    for (let i = 1; i <= 5; i++) store.write((txn) => txn.put('k', Buffer.from(String(i))));
  });
}

t.test('each format and name', async (t) => {
  const db = await filled(t);
  t.equal(await stdoutOf(t, ['--db', db, 'compact', '2']), 'compacted revision 2\n');
  t.equal(await stdoutOf(t, ['--db', db, 'compaction', '3', '--physical']), 'compacted revision 3\n');
  t.equal(await stdoutOf(t, ['--db', db, 'compact', '4', '-w', 'json']), '{"header":{"revision":6}}\n');
  t.equal(await stdoutOf(t, ['--db', db, 'compact', '5', '-w', 'fields']), '"Revision" : 6\n');
  t.match(await stdoutOf(t, ['--db', db, 'compact', '6', '-w', 'table']), /│ +6 │ +6 │/);
  t.equal(await stdoutOf(t, ['--db', db, 'get', 'k']), 'k\n5\n');
});

t.test('refused', async (t) => {
  const db = await filled(t);
  await stdoutOf(t, ['--db', db, 'compact', '4']);
  const table: [args: string[], exitCode: number, stderr: RegExp][] = [
    [[], 2, /missing required argument 'revision'/],
    [['abc'], 2, /^Error: revision: "abc" is not a whole number from 1 on\n/],
    [['0'], 2, /is not a whole number from 1 on/],
    [['5', '6'], 2, /too many arguments/],
    [
      ['4'],
      4,
      /^Error: revision 4 has been compacted already\nHint: a compaction can be at a revision from 5 to \d+\n/,
    ],
    [['3'], 4, /^Error: revision 3 has been compacted already, at 4\n/],
    [['7'], 4, /^Error: revision 7 is in the future: the newest is 6\n/],
  ];
  for (const [args, exitCode, stderr] of table) {
    t.match(await runCli(['--db', db, 'compact', ...args]), { exitCode, stdout: '', stderr }, args.join(' '));
  }
  const none = join(temporaryFolder(t), 'none');
  t.match(await runCli(['--db', none, 'compact', '2']), { exitCode: 5 });
  t.notOk(existsSync(none), 'never makes a database');
});
