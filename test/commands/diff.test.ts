import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { inspectionLines } from '../support/inspection-lines.js';
import { unpackMember } from '../support/members.js';
import { importInto, newDatabase, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';
import { snapshotNames, unpackSnapshot } from '../support/snapshots.js';

const put = (key: string, value: string | Buffer) => ({ key, value: Buffer.from(value) });

/** Creates a database with one put a revision, from revision 2 on. */
function databaseOf(t: Test, ...puts: { key: string; value: Buffer }[]): Promise<string> {
  return newDatabase(t, ({ store }) => {
    store.grantLease(0x1fn, 60);
    for (const { key, value } of puts)
      store.write((txn) => (value.length > 0 ? txn.put(key, value) : txn.deleteRange(key)));
  });
}

t.test('two databases: keys, their values, and where the histories part', async (t) => {
  const a = await databaseOf(
    t,
    put('/a/text', 'one\ntwo\nthree\nfour\nfive'),
    put('/a/gone', '1'),
    put('/bytes', Buffer.from([0, 1])),
    put('/same', 'x'),
  );
  const b = await databaseOf(
    t,
    put('/a/text', 'one\ntwo\nthree\nfour\nfive'),
    put('/a/text', 'one\ntwo\n3\nfour\nfive'),
    put('/bytes', Buffer.from([0, 2])),
    put('/same', 'x'),
    put('/new\x1b', 'n'),
  );
  const { exitCode, stdout, stderr } = await runCli(['diff', a, b]);
  t.strictSame({ exitCode, stderr }, { exitCode: 1, stderr: '' });
  t.equal(
    stdout,
    `--- ${a} at revision 5
+++ ${b} at revision 6
- /a/gone
    revision 3, version 1, created at 3
    -1
~ /a/text
    revision 2 -> 3, version 1 -> 2
     one
     two
    -three
    +3
     four
     five
~ /bytes
    revision 4
    -(2 bytes, sha256 b413f47d13ee2fe6c845b2ee141af81de858df4ec549a58b7970bb96645bc8d2)
    +(2 bytes, sha256 fcf0a6c700dd13e274b6fba8deea8dd9b26e4eedde3495717cac8408c9c5177f)
+ /new\\x1b
    revision 6, version 1, created at 6
    +n
histories: they part at revision 3
  ${a}: PUT /a/gone, version 1, 1 byte
  ${b}: PUT /a/text, version 2, 19 bytes
hashKV at 5: 2965034579 of ${a}, 1997242355 of ${b}
keys: 1 added, 1 removed, 2 changed, 1 the same
`,
  );
  t.match(await runCli(['diff', a, b, '--prefix', '/a/', '--keys-only']), {
    exitCode: 1,
    stdout: /^--- .*\n\+\+\+ .*\n- \/a\/gone\n~ \/a\/text\nkeys: 0 added, 1 removed, 1 changed, 0 the same\n$/,
  });
  t.match(await runCli(['diff', a, b, '--stat', '--depth', '1']), {
    exitCode: 1,
    stdout: /\n\+1 +-0 +~1 +.*B +\/\n\+0 +-1 +~1 .*B +\/a\/\n/,
  });
  t.match(await runCli(['diff', a, b, '--stat', '-w', 'table']), { exitCode: 1, stdout: / \/a\/ +│ +0 │ +1 │ +1 │/ });
});

t.test('two revisions of one database', async (t) => {
  const db = await databaseOf(t, put('a', '1'), put('b', '2'), put('a', '3'), put('b', ''));
  const revs = async (...argv: string[]) => {
    const { exitCode, stdout } = await runCli(['diff', ...argv, '-w', 'json']);
    return [
      exitCode,
      ...inspectionLines(t, stdout).flatMap(({ change, key }) =>
        change ? [`${change} ${Buffer.from(String(key), 'base64')}`] : [],
      ),
    ];
  };
  t.strictSame(await revs('--db', db, '--rev', '3..'), [1, 'changed a', 'removed b']);
  t.strictSame(await revs(db, '--rev', '3'), [1, 'changed a', 'removed b']);
  t.strictSame(await revs(db, '--rev', '5..3'), [1, 'changed a', 'added b']);
  t.strictSame(await revs(db, '--rev', '..2'), [1, 'added a']);
  t.strictSame(await revs(db, '--rev', '4..0', '--key', 'a'), [0]);
  t.strictSame(await revs(db, db, '--rev', '2..4'), [1, 'changed a', 'added b']);
  t.strictSame(await revs('--db', db, db), [0]);
  t.match(await runCli(['diff', db]), { exitCode: 2, stderr: /one backend, and no revisions/ });
  t.match(await runCli(['diff', db, '--rev', 'x']), { exitCode: 2, stderr: /neither a revision nor two/ });
  t.match(await runCli(['diff', db, db, '--rev', '7']), {
    exitCode: 4,
    stderr: `Error: ${db}: revision 7 is in the future`,
  });
  t.match(await runCli(['diff', db, db, '--rev', '2', '--common']), { exitCode: 2 });
  t.match(await runCli(['diff', db, '--rev', '2..', '--prefix', 'a', '--key', 'b']), { exitCode: 2 });
  t.match(await runCli(['diff', db, db, '--depth', '1']), { exitCode: 2, stderr: /depth of `--stat`/ });
});

t.test('--db is one of the two', async (t) => {
  const a = await databaseOf(t, put('a', '1'));
  const b = await databaseOf(t, put('b', '1'));
  t.match(await runCli(['--db', a, 'diff', b, '--keys-only']), { exitCode: 1, stdout: /\n- a\n\+ b\n/ });
  t.match(await runCli(['--db', a, 'diff', a, b]), { exitCode: 2, stderr: /name three/ });
  t.match(await runCli(['--db', a, 'diff', b, '--key-hex']), { exitCode: 2, stderr: /there is none/ });
});

t.test('a key with the same value and other revisions', async (t) => {
  const a = await databaseOf(t, put('k', 'v'));
  const b = await databaseOf(t, put('k', 'v'), put('k', 'v'));
  t.match(await runCli(['diff', a, b]), {
    exitCode: 1,
    stdout: '\n~ k\n    revision 2 -> 3, version 1 -> 2\n    (the same value)\nhist',
  });
  t.match(await runCli(['diff', a, b, '--values-only']), { exitCode: 0, stdout: 'keys: 1, and none differs\n' });
});

t.test('objects of Kubernetes by field, without what is secret', async (t) => {
  const secret = (data: string) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'n', labels: {} },
      data: { p: data },
    });
  const [key, gone] = ['/registry/secrets/n/s', '/registry/secrets/n/t'];
  const db = await databaseOf(
    t,
    put(key, secret('b25l')),
    put(gone, secret('dHdv')),
    put(key, secret('dGhyZWU=')),
    put(gone, ''),
  );
  const runs = [[], ['-w', 'json'], ['--stat'], ['--show-secrets']].map((more) =>
    runCli(['diff', db, '--rev', '3..', ...more]),
  );
  const [simple, json, stat, shown] = await Promise.all(runs);
  t.match(simple!.stdout, /^~ \/registry\/secrets\/n\/s\n {4}revision 2 -> 4, version 1 -> 2\n {4}-data\.p: \(hidden/m);
  for (const run of [simple, json, stat]) t.notMatch(run!.stdout, /b25l|dHdv|dGhyZWU=|one|two|three/);
  t.match(inspectionLines(t, json!.stdout), [
    { valueChange: { by: 'fields', added: 1, removed: 1 }, a: { decoded: { hidden: true } } },
    { change: 'removed' },
    {},
  ]);
  t.match(shown!.stdout, /^ {4}-data\.p: .*\n {4}\+data\.p: /m);
  t.notMatch(shown!.stdout, 'hidden');
});

t.test('members that came to differ part where they did', async (t) => {
  const folder = temporaryFolder(t);
  const [m1, m2] = ['diverged-35-m1', 'diverged-35-m2'].map((name) => unpackMember(name, folder)) as [string, string];
  const { exitCode, stdout } = await runCli(['diff', m1, m2, '-w', 'json']);
  t.equal(exitCode, 1);
  const lines = inspectionLines(t, stdout);
  // The server of m1 answered with this hash before it was stopped; it refused a transaction as revision 931.
  t.match(
    lines.find(({ kind }) => kind === 'histories'),
    {
      comparable: true,
      commonRev: 987,
      compactRev: 447,
      hashes: [560613256, 2885742126],
      same: false,
      parting: { revision: { main: 931, sub: 0 } },
    },
  );
  t.match(lines.at(-1), { kind: 'diff', same: false, added: 10, removed: 6, changed: 16, unchanged: 4 });
  t.match(await runCli(['diff', m1, m2, '--rev', '930']), { exitCode: 0, stdout: 'the same up to revision 930\n' });
  t.match(await runCli(['diff', m1, m2, '--rev', '931']), { exitCode: 1, stdout: 'part at revision 931\n' });
});

t.test('a member that is behind', async (t) => {
  const folder = temporaryFolder(t);
  const [m1, m2] = ['cluster-35-b-m1', 'cluster-35-b-m2'].map((name) => unpackMember(name, folder)) as [string, string];
  const behind = await runCli(['diff', m1, m2, '--stat']);
  t.match(behind, {
    exitCode: 1,
    stdout: `\nhistories: the same up to revision 916; ${m1} is 16 revisions behind ${m2}\n`,
  });
  t.match(behind.stdout, '\nhashKV at 916, compact revision 414: 2596335224 of both\n');
  t.match(await runCli(['diff', m1, m2, '--common']), { exitCode: 0, stdout: 'keys: 15, and none differs\n' });
  // A copy that is compacted later holds fewer records, and its own hash is another one.
  const copy = await importInto(t, m2, folder);
  await stdoutOf(t, ['compact', '700', '--db', copy]);
  t.match(await runCli(['diff', copy, m1, '--common']), {
    exitCode: 0,
    stdout:
      /^histories: the same up to revision 916\nhashKV at 916, compact revision 700: \d+ of both \(.*m1.db is compacted at 414: it is hashed/,
  });
  await stdoutOf(t, ['compact', '920', '--db', copy]);
  t.match(await runCli(['diff', copy, m1]), { exitCode: 1, stdout: 'cannot be compared: ' });
});

t.test('no snapshot differs from itself, or from what was imported of it', async (t) => {
  const folder = temporaryFolder(t);
  for (const name of snapshotNames()) {
    if (name === 'bench-100k') continue;
    const path = unpackSnapshot(name, folder);
    const { exitCode, stdout } = await runCli(['diff', path, path]);
    t.strictSame(
      [exitCode, stdout.split('\n')[0]!.replace(/\d+$/, 'N')],
      [0, 'histories: the same up to revision N'],
      name,
    );
  }
  const snapshot = join(folder, 'small-35.db');
  t.match(await runCli(['diff', await importInto(t, snapshot, folder), snapshot]), { exitCode: 0 });
  writeFileSync(join(folder, 'no.db'), 'nothing');
  t.match(await runCli(['diff', snapshot, join(folder, 'no.db')]), { exitCode: 3 });
});
