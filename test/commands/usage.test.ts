import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import t from 'tap';
import { projectFile } from '../support/root.js';
import { newDatabase, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';

const db = await newDatabase(t, ({ store }) => {
  for (let i = 0; i < 4; i++) store.write((txn) => txn.put('/registry/pods/default/web', Buffer.alloc(1000 * (i + 1))));
  store.write((txn) => txn.put('/registry/pods/kube-system/\x1b', Buffer.alloc(500)));
  store.write((txn) => txn.put('/registry/leases/a', Buffer.alloc(10)));
  store.write((txn) => txn.deleteRange('/registry/leases/a'));
  store.write((txn) => txn.put('leader', Buffer.from('x')));
});

t.test('for people, in a pipe and on a terminal', async (t) => {
  const simple = (args: string[], columns?: number) =>
    stdoutOf(t, ['usage', '--db', db, ...args], {
      isTTY: columns !== undefined,
      env: { NO_COLOR: '1' },
      ...(columns && { columns }),
    });
  const sections = (await simple([])).split('\n\n');
  t.equal(sections[0], `${db}: 8 records, 11 kB; 4 keys, 3 of them live; revisions 1 to 9`);
  t.equal(
    sections[1],
    `prefix             bytes    live     old  deletes  keys  revs
/registry/pods/    11 kB  4.6 kB  6.2 kB      0 B     2     5
/registry/leases/   93 B     0 B    55 B     38 B     1     2
(no prefix)         34 B    34 B     0 B      0 B     1     1`,
  );
  t.equal(
    sections[2],
    `largest  revision  value of
 4.0 kB       5_0  /registry/pods/default/web
  500 B       6_0  /registry/pods/kube-system/\\x1b
   10 B       7_0  /registry/leases/a
    1 B       9_0  leader`,
  );
  t.match(sections[3], /^changes +bytes +key, from revision 1 to 9\n +4 +10 kB +\/registry\/pods\/default\/web\n +2 /);
  t.match(sections[4], /^Revisions 1 to 9: 8 changes \(7 puts, 1 deletion\) in 8 revisions, 4 keys, 11 kB$/);
  t.match(sections[5], /^part of the file +bytes +share +pages\nrecords +\d+ +[\d.]+ %\n/);
  t.match(
    sections[6],
    /^compact 9 +would delete 5 of 8 records, .*\ndefrag +would then leave about \d+ kB of pages \(now \d+ kB\)$/m,
  );

  const wide = await simple(['--from-rev', '6', '--limit', '1'], 90);
  t.match(
    wide,
    /\n\/registry\/pods\/ .* {2}█+▒+\nand 2 more prefixes: --limit shows more\n█ live {3}▒ old {3}░ tombstones\n/,
  );
  t.match(wide, /\nRevisions 6 to 9: 4 changes .*\nprefix .*\n\/registry\/leases\/ +2 .* █+\n/);
  t.ok(
    wide
      .split('\n')
      .slice(1)
      .every((line) => line.length <= 90),
    'the lines fit',
  );
  t.match(await simple([], 50), /\n\/registr…es\/pods\/? |\n\/registry\/pods\/ +11 kB/);
  t.match(await simple(['--hex', '--limit', '1']), /\n\\x2f\\x72\\x65/);
});

t.test('prefixes, levels and separators', async (t) => {
  const prefixes = async (...args: string[]) => {
    const lines = (await stdoutOf(t, ['usage', '--db', db, '-w', 'json', ...args])).trim().split('\n');
    return lines
      .map((line) => JSON.parse(line))
      .filter(({ kind }) => kind === 'prefix')
      .map(({ prefix, revisions }) => [Buffer.from(prefix, 'base64').toString('latin1'), revisions]);
  };
  t.same(await prefixes('--depth', '1'), [
    ['/registry/', 7],
    ['', 1],
  ]);
  t.same(await prefixes('--prefix', '/registry/pods/', '--depth', '1'), [
    ['/registry/pods/default/', 4],
    ['/registry/pods/kube-system/', 1],
  ]);
  t.same(await prefixes('--prefix', '2f726567', '--key-hex', '--depth', '1'), [['/registry/', 7]]);
  t.same(await prefixes('--separator', 'a', '--depth', '1', '--prefix', 'l'), [['lea', 1]]);
  t.same(await prefixes('--prefix', 'nothing'), []);
});

t.test('JSON lines follow their schema', async (t) => {
  const validate = new Ajv({ strict: true, strictTypes: false }).compile(
    JSON.parse(await stdoutOf(t, ['schema', 'inspect'])),
  );
  const lines = (await stdoutOf(t, ['usage', '--db', db, '-w', 'json'])).trim().split('\n');
  const objects = lines.map((line) => JSON.parse(line));
  for (const object of objects) if (!validate(object)) t.fail(JSON.stringify(object));
  t.same(
    [...new Set(objects.map(({ kind }) => kind))],
    ['total', 'prefix', 'value', 'key', 'churn', 'pages', 'compaction'],
  );
  const { kind, ...rest } = objects[0];
  t.notOk(validate(rest), kind);
});

t.test('tables', async (t) => {
  const table = await stdoutOf(t, ['usage', '--db', db, '-w', 'table', '--compact', '5']);
  t.match(table, /│ \/registry\/pods\/ +│ +\d+ │/);
  t.match(table, /│ +5 │ +3 │ +\d+ │ +5 │/);
});

t.test('what cannot be answered', async (t) => {
  const table: [args: string[], exitCode: number, stderr: RegExp][] = [
    [['--from-rev', '10'], 4, /^Error: revision 10 is in the future/],
    [['--compact', '10'], 4, /^Error: revision 10 is in the future/],
    [['--from-rev', '5', '--to-rev', '4'], 2, /^Error: there are no revisions from 5 to 4\n/],
    [['--depth', '0'], 2, /--depth: "0" is not a whole number from 1 on/],
    [['--separator', ''], 2, /--separator is empty/],
    [['--key-hex'], 2, /--key-hex needs a key/],
    [['--prefix', 'xyz', '--key-hex'], 2, /is not hexadecimal/],
    [['-w', 'fields'], 2, /fields is not supported/],
    [['-w', 'json', '--hex'], 2, /--hex is not for/],
  ];
  for (const [args, exitCode, stderr] of table) {
    t.match(await runCli(['usage', '--db', db, ...args]), { exitCode, stdout: '', stderr }, args.join(' '));
  }
});

t.test('a list of free pages that is wrong is told, and so is what cannot be read', async (t) => {
  const unpack = (name: string): string => {
    const path = join(temporaryFolder(t), 'db');
    writeFileSync(path, gunzipSync(readFileSync(projectFile(`fixtures/cases/${name}.db.gz`))));
    return path;
  };
  t.match(await runCli(['usage', '--db', unpack('freelist-page-twice')]), {
    exitCode: 0,
    stdout: /^the file +\d+ +100.0 %/m,
    stderr: /^Hint: the freelist on page 2 .* has page 4 twice\nHint: .*which the file uses/,
  });
  t.match(await runCli(['usage', '--db', unpack('wrong-mod-revision')]), { exitCode: 3, stdout: '' });
});
