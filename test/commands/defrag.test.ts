import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { newDatabase, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';
import { unpackSnapshot } from '../support/snapshots.js';

function filled(t: Test): Promise<string> {
  return newDatabase(t, ({ store }) => {
    for (let i = 0; i < 30; i++) store.write((txn) => txn.put('k', Buffer.alloc(10_000, i)));
    store.compact(store.currentRev);
  });
}

t.test('each format', async (t) => {
  const db = await filled(t);
  const hash = await stdoutOf(t, ['--db', db, 'hash']);
  const { size } = statSync(join(db, 'data.mdb'));
  const simple = await stdoutOf(t, ['--db', db, 'defrag']);
  t.match(simple, /^Finished defragmenting \S+: \d+ kB before, \d+ kB now\n$/);
  const after = statSync(join(db, 'data.mdb')).size;
  t.ok(after < size / 3);
  t.equal(
    await stdoutOf(t, ['--db', db, 'defrag', '-w', 'json']),
    `{"path":"${db}","replaced":false,"sizeBytesBefore":${after},"sizeBytesAfter":${after}}\n`,
  );
  t.equal(
    await stdoutOf(t, ['--db', db, 'defrag', '-w', 'fields']),
    `"Path" : "${db}"\n"Replaced" : false\n"SizeBytesBefore" : ${after}\n"SizeBytesAfter" : ${after}\n`,
  );
  t.match(await stdoutOf(t, ['--db', db, 'defrag', '-w', 'table']), new RegExp(`│ false +│ +${after} │ +${after} │`));
  t.equal(await stdoutOf(t, ['--db', db, 'hash']), hash);
});

t.test('never larger', async (t) => {
  const db = await newDatabase(t, ({ store }) => store.write((txn) => txn.put('k', Buffer.from('v'))));
  await stdoutOf(t, ['--db', db, 'defrag']);
  const { size, ino } = statSync(join(db, 'data.mdb'));
  t.equal(
    await stdoutOf(t, ['--db', db, 'defrag']),
    `${db} stays as it is: a copy would be no smaller than its ${Math.round(size / 1000)} kB\n`,
  );
  t.match(statSync(join(db, 'data.mdb')), { size, ino }, 'it is the same file');
});

t.test('refused', async (t) => {
  const folder = temporaryFolder(t);
  const none = join(folder, 'none');
  t.match(await runCli(['--db', none, 'defrag']), { exitCode: 5, stderr: /there is no database/ });
  t.notOk(existsSync(none));
  const file = unpackSnapshot('small-35', folder);
  t.match(await runCli(['--db', file, 'defrag']), { exitCode: 2, stderr: /is a file: mvccw writes only to/ });
});
