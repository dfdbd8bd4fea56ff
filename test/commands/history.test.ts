import { createHash } from 'node:crypto';
import t, { type Test } from 'tap';
import { inspectionLines } from '../support/inspection-lines.js';
import { importInto, newDatabase, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';
import { unpackSnapshot } from '../support/snapshots.js';

const sha256 = (bytes: readonly number[]) => createHash('sha256').update(Buffer.from(bytes)).digest('hex');

function filled(t: Test): Promise<string> {
  return newDatabase(t, ({ store }) => {
    const put = (key: string, value: string | Buffer) => store.write((txn) => txn.put(key, Buffer.from(value)));
    put('text', 'one\ntwo\nthree\n'); // 2
    put('json', '{"a":{"b":1},"big":12345678901234567890}');
    put('text', 'one\n2\nthree\n'); // 4
    put('json', '{"a":{"b":2},"big":12345678901234567891}');
    store.write((txn) => txn.deleteRange('text')); // 6
    put('text', Buffer.from([0xff, 0x1b]));
    put('text', Buffer.from([0xff])); // 8
    put('text', Buffer.from([0xff]));
    put('/registry/secrets/ns/s', 'pass\n'); // 10
    put('/registry/secrets/ns/s', 'word\n');
    put('json', '{ "a":{"b":2},"big":12345678901234567891}'); // 12
  });
}

t.test('text', async (t) => {
  const db = await filled(t);
  const history = (...args: string[]) => stdoutOf(t, ['--db', db, 'history', ...args]);
  t.equal(
    await history('text', '--to-rev', '6'),
    `2_0 PUT text  generation 1, version 1, created at 2, 14 bytes
+one
+two
+three

4_0 PUT text  generation 1, version 2, created at 2, 12 bytes
 one
-two
+2
 three

6_0 DELETE text  generation 1
-one
-2
-three

`,
  );
  t.equal(
    await history('text', '--from-rev', '7', '--reverse', '--limit', '2'),
    `9_0 PUT text  generation 2, version 3, created at 7, 1 byte
(the same value)

8_0 PUT text  generation 2, version 2, created at 7, 1 byte
-(2 bytes, sha256 ${sha256([0xff, 0x1b])})
+(1 byte, sha256 ${sha256([0xff])})

`,
  );
  t.equal(
    await history('json'),
    `3_0 PUT json  generation 1, version 1, created at 3, 40 bytes
+a.b: 1
+big: 12345678901234567890

5_0 PUT json  generation 1, version 2, created at 3, 40 bytes
-a.b: 1
+a.b: 2
-big: 12345678901234567890
+big: 12345678901234567891

12_0 PUT json  generation 1, version 3, created at 3, 41 bytes
(the same fields, encoded otherwise)

`,
  );
  t.match(await history('json', '--decode', 'raw', '--from-rev', '12'), /\n-\{"a".*\n\+\{ "a"/);
  t.match(await history('text', '--hex', '--from-rev', '8', '--limit', '1'), /\\x74.*\n-\\xff\\x1b\n\+\\xff\n/);
  const counts = '+1 -1 lines, other bytes, the same value'.split(', ');
  const stat = await history('text', '--stat');
  for (const count of counts) t.ok(stat.includes(`, ${count}\n`), count);
  t.equal(
    await history('', '--prefix', '--no-diff', '--from-rev', '5', '--to-rev', '6'),
    '5_0 PUT json  generation 1, version 2, created at 3, 40 bytes\n6_0 DELETE text  generation 1\n',
  );
  t.match(await history('text', '-w', 'table'), /│ 6_0 +│ DELETE │ text │ +1 │ +│ +│ +│ +│ 4_0 +│\n/);
});

t.test('on a terminal it has colours, and nothing that steers it', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    for (const value of ['a', 'b\u202e\nc']) {
      store.write((txn) => txn.put('k\x1b[2J', Buffer.from(value)));
    }
  });
  const { stdout } = await runCli(['--db', db, 'history', '', '--prefix'], { isTTY: true });
  t.match(stdout, '\x1b[32m+b\\u202e\x1b[39m\n');
  t.match(stdout, 'k\\x1b[2J');
  t.notMatch(stdout, '\x1b[2J');
  const plain = await runCli(['--db', db, 'history', '', '--prefix'], { isTTY: true, env: { NO_COLOR: '1' } });
  t.notMatch(plain.stdout, '\x1b');
});

t.test('what is secret is not shown', async (t) => {
  const db = await filled(t);
  const key = '/registry/secrets/ns/s';
  for (const args of [[], ['-w', 'json'], ['--stat'], ['-w', 'table']]) {
    const { stdout } = await runCli(['--db', db, 'history', key, ...args]);
    t.notMatch(stdout, /pass|word|cGFzcw|d29yZA/);
  }
  t.match((await runCli(['--db', db, 'history', key])).stdout, /\n-\(hidden, 5 bytes.*\n\+\(hidden/);
  t.match((await runCli(['--db', db, 'history', key, '--show-secrets'])).stdout, /\n-pass\n\+word\n$/m);
});

t.test('a value that is encrypted is named', async (t) => {
  const sealed = 'k8s:enc:aescbc:v1:key1:';
  const db = await newDatabase(t, ({ store }) => {
    for (const text of ['x', 'y']) store.write((txn) => txn.put('/registry/secrets/a/b', Buffer.from(sealed + text)));
  });
  const named = 'encrypted by aescbc v1 with the key named key1';
  const { stdout } = await runCli(['--db', db, 'history', '', '--prefix']);
  t.match(stdout, new RegExp(`\\n\\+\\(${named}, 24 bytes, sha256 .*\n\n3_0 .*\n-\\(${named}.*\n\\+\\(${named}`));
  const json = inspectionLines(t, (await runCli(['--db', db, 'history', '', '--prefix', '-w', 'json'])).stdout);
  t.match(json[1], { change: { by: 'bytes', before: { what: named, size: 24 }, after: { what: named, size: 24 } } });
  t.notMatch((await runCli(['--db', db, 'history', '', '--prefix', '--decode', 'raw'])).stdout, named);
});

t.test('what compaction took is said', async (t) => {
  const db = await filled(t);
  await runCli(['--db', db, 'compact', '5']);
  const compacted = await runCli(['--db', db, 'history', 'json']);
  t.match(compacted.stdout, /^5_0 PUT json .*, the record before is compacted\n a\.b: 2\n big: \d+\n\n12_0/);
  t.match(
    compacted.stderr,
    /^Hint: revisions below 5 are compacted: only what .* left .*, and lives that had ended are not counted\n$/,
  );
  const [first] = inspectionLines(t, (await runCli(['--db', db, 'history', 'json', '-w', 'json'])).stdout);
  t.match(first, { before: { is: 'compacted' }, generation: 1, livesFrom: 5, change: undefined });
  t.match(await runCli(['--db', db, 'history', 'nosuch']), {
    exitCode: 4,
    stderr:
      /^Error: there is no history: no revision of the key .*\nHint: the window is revisions 5 to 12: what was deleted/,
  });
});

t.test('revisions between which nothing was changed', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    for (const key of ['a', 'b', 'c', 'b']) store.write((txn) => txn.put(key, Buffer.from('[]')));
    store.compact(3);
  });
  t.strictSame(await runCli(['--db', db, 'history', 'b', '--from-rev', '4', '--to-rev', '4']), {
    exitCode: 4,
    stdout: '',
    stderr:
      'Error: there is no history: no revision of the key or range lies between 4 and 4\n' +
      'Hint: without bounds (--from-rev, --to-rev, --from-time, --to-time), all revisions that are retained are printed\n',
  });
  t.match(await runCli(['--db', db, 'history', 'b', '--stat', '--no-diff']), { exitCode: 2, stderr: /choose one/ });
  t.match((await runCli(['--db', db, 'history', 'b'])).stdout, /\n\+\[\]\n/, 'a value of one leaf has no path');
});

t.test('revisions that are not there', async (t) => {
  const db = await filled(t);
  const history = (...args: string[]) => runCli(['--db', db, 'history', 'text', ...args]);
  t.match(await history('--to-rev', '13'), { exitCode: 4, stderr: /in the future/ });
  t.match(await history('--from-rev', '13'), { exitCode: 4, stderr: /in the future/ });
  t.match(await history('--from-rev', '5', '--to-rev', '4'), { exitCode: 2 });
  t.match(await history('-w', 'json', '--hex'), { exitCode: 2 });
  t.match(await history('-w', 'fields'), { exitCode: 2 });
  await runCli(['--db', db, 'compact', '5']);
  t.match(await history('--to-rev', '4'), { exitCode: 4, stderr: /has been compacted/ });
});

t.test('JSON', async (t) => {
  const db = await filled(t);
  const lines = inspectionLines(t, await stdoutOf(t, ['--db', db, 'history', '', '--prefix', '-w', 'json']));
  t.equal(lines.length, 11);
  t.match(lines[2], {
    revision: { main: 4, sub: 0 },
    type: 'PUT',
    kv: { key: 'dGV4dA==', version: 2 },
    size: 12,
    before: { is: 'record', revision: { main: 2, sub: 0 }, size: 14 },
    change: {
      by: 'lines',
      added: 1,
      removed: 1,
      lines: [
        { is: 'removed', text: 'two' },
        { is: 'added', text: '2' },
      ],
    },
  });
  t.match(lines[3], { change: { by: 'fields', fields: [{ path: 'a.b', before: '1', after: '2' }, { path: 'big' }] } });
  t.match(lines[4], { type: 'DELETE', before: { is: 'record', revision: { main: 4 } }, change: undefined });
  t.match(lines[5], { generation: 2, before: { is: 'tombstone', revision: { main: 6 } }, change: undefined });
  const stat = inspectionLines(t, await stdoutOf(t, ['--db', db, 'history', 'text', '-w', 'json', '--stat']));
  t.strictSame(stat[1]!.change, { by: 'lines', added: 1, removed: 1 });
});

t.test('an etcd file and its import have the same histories', async (t) => {
  const folder = temporaryFolder(t);
  const file = unpackSnapshot('live-deletes-35', folder);
  const imported = await importInto(t, file, folder);
  const history = async (db: string, ...args: string[]) => {
    const { exitCode, stdout } = await runCli(['--db', db, 'history', ...args, '-w', 'json'], { encoding: 'latin1' });
    t.equal(exitCode, 0);
    return stdout;
  };
  const all = await history(file, '', '--prefix');
  t.equal(await history(imported, '', '--prefix'), all);
  const lines = inspectionLines(t, all) as { kv: { key: string } }[];
  const key = lines[lines.length >> 1]!.kv.key;
  const ofKey = all.split('\n').filter((line) => line.includes(`"key":"${key}"`));
  const hex = Buffer.from(key, 'base64').toString('hex');
  for (const db of [file, imported]) {
    t.equal(await history(db, '--key-hex', hex), `${ofKey.join('\n')}\n`);
    t.equal(await history(db, '--key-hex', hex, '--reverse'), `${ofKey.toReversed().join('\n')}\n`);
  }
});
