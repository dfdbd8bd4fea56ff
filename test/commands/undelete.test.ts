import t, { type Test } from 'tap';
import { inspectionLines } from '../support/inspection-lines.js';
import { projectFile } from '../support/root.js';
import { newDatabase, runCli, stdoutOf } from '../support/run-cli.js';

const LEASE = 0x694d77aa9e38260fn;

/** Returns a database in which a, b and c are deleted, c with a lease and a value that is compacted, and d is there. */
function filled(t: Test): Promise<string> {
  return newDatabase(t, ({ store }) => {
    store.grantLease(LEASE, 60);
    store.write((txn) => txn.put('c', Buffer.from('gone')));
    store.write((txn) => txn.deleteRange('c')); // 3
    store.write((txn) => txn.put('a', Buffer.from('say "hi"\n')));
    store.write((txn) => txn.put('b', Buffer.from([0xff, 0x2d]), LEASE)); // 5
    store.write((txn) => txn.put('d', Buffer.from('old')));
    store.write((txn) => txn.put('d', Buffer.from('new'))); // 7
    store.write((txn) => txn.deleteRange('a', 'c'));
    store.compact(3);
  });
}

const TEXT = `mod("a") = "0"
mod("b") = "0"

put "a" "say \\"hi\\"\\n"
put "b" "\\xff-"


`;

const LEASE_HINT = 'Hint: 1 key had a lease (694d77aa9e38260f), and is put without: --keep-lease attaches to it\n';
const LOST_HINT = 'Hint: the value of "c" is compacted: only its deletion, at revision 3_0, is retained\n';

const COMPACTED_HINT = 'Hint: keys that were deleted before revision 3 are compacted away, and nobody can name them\n';

t.test('the text of a transaction', async (t) => {
  const db = await filled(t);
  const undelete = (...args: string[]) => runCli(['--db', db, 'undelete', ...args]);
  t.strictSame(await undelete('', '--prefix'), {
    exitCode: 1,
    stdout: TEXT,
    stderr: LEASE_HINT + LOST_HINT + COMPACTED_HINT,
  });
  t.strictSame(await undelete('a', 'c'), { exitCode: 0, stdout: TEXT, stderr: LEASE_HINT + COMPACTED_HINT });
  t.match(await undelete('b', '--keep-lease'), {
    exitCode: 0,
    stdout: /\nput --lease=694d77aa9e38260f "b" "\\xff-"\n/,
    stderr: '',
  });
  t.strictSame(await undelete('c'), { exitCode: 4, stdout: '', stderr: LOST_HINT });
  t.match(await undelete('d'), { exitCode: 0, stdout: '', stderr: /^Hint: 1 key of the range is there now/ });
  t.match(await undelete('d', '--at', '6', '--overwrite'), {
    exitCode: 0,
    stdout: 'mod("d") = "7"\n\nput "d" "old"\n\n\n',
  });
  t.match(await undelete('a', '--at', '3'), { exitCode: 4, stderr: /1 deleted key of the range was not there at rev/ });
  t.match(await undelete('nosuch'), {
    exitCode: 4,
    stderr: /no revision of the key .*\nHint: the window is revisions 3 to 8/,
  });
  t.match(await undelete('a', '--at', '2'), { exitCode: 4, stderr: /compacted/ });
  t.match(await undelete('a', '--overwrite'), { exitCode: 2, stderr: /needs a revision/ });
  t.match(await undelete('a', '--part', '2'), { exitCode: 4, stderr: /there is no part 2/ });
  t.match(await undelete('a', '-w', 'fields'), { exitCode: 2 });
});

t.test('JSON and table', async (t) => {
  const db = await filled(t);
  const { stdout, exitCode } = await runCli(['--db', db, 'undelete', '', '--prefix', '-w', 'json']);
  t.equal(exitCode, 1);
  const [a, b, c, end] = inspectionLines(t, stdout);
  t.match(a, { kind: 'undelete-put', key: 'YQ==', revision: { main: 4, sub: 0 }, ifModRevision: 0 });
  t.match(b, { value: '/y0=', revision: { main: 5, sub: 0 } });
  t.match(c, { kind: 'undelete-lost', key: 'Yw==', tombstone: { main: 3, sub: 0 } });
  t.strictSame(end, { schema: 1, kind: 'undelete', restored: 2, lost: 1, alive: 1, applied: false });
  const table = await runCli(['--db', db, 'undelete', '', '--prefix', '-w', 'table']);
  t.match(table.stdout, /│ b +│ 5_0 +│ +2 │ +│ is deleted +│\n│ c +│ compacted │/);
});

t.test('--apply', async (t) => {
  const db = await filled(t);
  const apply = await runCli(['--db', db, 'undelete', '', '--prefix', '--apply', '--keep-lease']);
  t.strictSame(apply, {
    exitCode: 1,
    stdout: '2 keys brought back at revision 9\n',
    stderr: LOST_HINT + COMPACTED_HINT,
  });
  t.equal(
    await stdoutOf(t, ['--db', db, 'get', 'a', 'c', '--print-value-only'], { encoding: 'latin1' }),
    'say "hi"\n\n\xff-\n',
  );
  t.match(await stdoutOf(t, ['--db', db, 'lease', 'timetolive', '694d77aa9e38260f', '--keys']), /keys\(\[b\]\)/);
  t.match(await runCli(['--db', db, 'undelete', 'a', '--apply']), { exitCode: 0, stdout: '' });
  t.match(await runCli(['--db', db, 'undelete', 'a', '--apply', '--part', '1']), { exitCode: 2 });
  const file = projectFile('fixtures/etcd-3.5.snapshot.db');
  t.match(await runCli(['--db', file, 'undelete', 'a', '--apply']), {
    exitCode: 2,
    stderr: /mvccw writes only to databases of its own/,
  });
  t.match(await runCli(['--db', `${db}.nosuch`, 'undelete', 'a', '--apply']), { exitCode: 5 });
});

t.test('mvccw txn runs the text', async (t) => {
  const db = await filled(t);
  const txn = () => runCli(['--db', db, 'txn'], { stdin: TEXT });
  t.match(await txn(), { exitCode: 0, stdout: /^SUCCESS/ });
  t.match(await txn(), { exitCode: 0, stdout: /^FAILURE/ }, 'the keys are there now');
});

t.test('more than a server takes', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    store.write((txn) => {
      for (let i = 0; i < 130; i++) txn.put(`k${i}`, Buffer.from('v'));
    });
    store.write((txn) => txn.put('large', Buffer.alloc(1_600_000, 'v')));
    store.write((txn) => txn.deleteRange('\0', ''));
  });
  const whole = await runCli(['--db', db, 'undelete', 'k', '--prefix']);
  t.match(whole.stderr, /^Hint: the transaction has 130 requests.*--part 1 to --part 2 print/);
  const parts = await Promise.all(
    ['1', '2'].map((part) => stdoutOf(t, ['--db', db, 'undelete', 'k', '--prefix', '--part', part])),
  );
  const puts = (text: string) => text.split('\n').filter((line) => line.startsWith('put'));
  t.strictSame(
    parts.map((part) => puts(part).length),
    [128, 2],
  );
  t.strictSame(parts.flatMap(puts), puts(whole.stdout));
  t.match(await runCli(['--db', db, 'undelete', 'large']), {
    exitCode: 0,
    stderr: /^Hint: a value is larger than a server/,
  });
});
