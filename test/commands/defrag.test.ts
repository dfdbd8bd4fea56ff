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
    `{"path":"${db}","sizeBytesBefore":${after},"sizeBytesAfter":${after}}\n`,
  );
  t.equal(
    await stdoutOf(t, ['--db', db, 'defrag', '-w', 'fields']),
    `"Path" : "${db}"\n"SizeBytesBefore" : ${after}\n"SizeBytesAfter" : ${after}\n`,
  );
  t.match(await stdoutOf(t, ['--db', db, 'defrag', '-w', 'table']), new RegExp(`│ +${after} │ +${after} │`));
  t.equal(await stdoutOf(t, ['--db', db, 'hash']), hash);
});

t.test('refused', async (t) => {
  const folder = temporaryFolder(t);
  const none = join(folder, 'none');
  t.match(await runCli(['--db', none, 'defrag']), { exitCode: 5, stderr: /there is no database/ });
  t.notOk(existsSync(none));
  const file = unpackSnapshot('small-35', folder);
  t.match(await runCli(['--db', file, 'defrag']), { exitCode: 2, stderr: /is a file: mvccw writes only to/ });
});
