// A database of format 1, which has no sums, stays what it is until it is defragmented.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { encodeKeyValue } from '../../src/mvcc/key-value.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import { checkTotals } from '../support/recounted.js';
import { projectFile } from '../support/root.js';
import { runCli, stdoutOf, tamperRows, temporaryFolder } from '../support/run-cli.js';
import { unpackSnapshot } from '../support/snapshots.js';

/** What an mvccw without sums has made: 15 revisions of 6 keys, compacted at 6, a lease and a registered watcher. */
function formatOne(t: Test): string {
  const db = join(temporaryFolder(t), 'old.db');
  mkdirSync(db);
  writeFileSync(join(db, 'data.mdb'), gunzipSync(readFileSync(projectFile('fixtures/databases/format-1.mdb.gz'))));
  return db;
}

const HASH = 3261324472;
const KEYS = 'key0\nkey1\nkey2\nkey4\nleased\n';

async function checkContents(t: Test, db: string): Promise<void> {
  t.equal(await stdoutOf(t, ['--db', db, 'get', '', '--prefix', '--keys-only']), KEYS.replaceAll('\n', '\n\n'));
  t.equal(await stdoutOf(t, ['--db', db, 'hash', '--rev', '15']), `${db}, ${HASH}\n`);
  t.match(await stdoutOf(t, ['--db', db, 'lease', 'list']), /09919139d319d187/);
  t.match(await stdoutOf(t, ['--db', db, 'watcher', 'list']), /pods/);
  t.match(await runCli(['--db', db, 'replay', '--from-rev', '7', '--check', 'off']), { exitCode: 0 });
}

t.test('it is read and written as it is', async (t) => {
  const db = formatOne(t);
  t.match(await stdoutOf(t, ['--db', db, 'status']), /^format {6}1, without sums: mvccw defrag adds them$/m);
  t.match(JSON.parse(await stdoutOf(t, ['--db', db, 'status', '-w', 'json'])), { format: 1 });
  await checkContents(t, db);
  t.equal(await stdoutOf(t, ['--db', db, 'put', 'new', 'x']), 'OK\n');
  const record = { key: 'new', createRevision: 16, modRevision: 16, version: 1, value: Buffer.from('x'), lease: 0n };
  t.ok(
    tamperRows(db, 'key', (rows) => rows.get(encodeRevisionKey({ main: 16, sub: 0 })))?.equals(encodeKeyValue(record)),
    'the record has no sum',
  );
  t.strictSame(
    tamperRows(db, 'meta', (rows) => [...rows.getKeys()].map(String)),
    ['finishedCompactRev', 'mvccw.format', 'mvccw.id', 'scheduledCompactRev'],
  );
});

t.test('defrag makes it format 2', async (t) => {
  const db = formatOne(t);
  t.match(
    await stdoutOf(t, ['--db', db, 'defrag']),
    /^Finished defragmenting .*; format 1 has become 2: each row has a sum now\n$/,
  );
  t.match(await stdoutOf(t, ['--db', db, 'status']), /^format {6}2, with sums$/m);
  t.equal(checkTotals(db).parts.key.rows, 14);
  await checkContents(t, db);
  t.equal(await stdoutOf(t, ['--db', db, 'put', 'new', 'x']), 'OK\n');
  checkTotals(db);
  const again = JSON.parse(await stdoutOf(t, ['--db', db, 'defrag', '-w', 'json']));
  t.notOk('upgradedFrom' in again);
});

t.test('each format says what it has become', async (t) => {
  t.match(JSON.parse(await stdoutOf(t, ['--db', formatOne(t), 'defrag', '-w', 'json'])), { upgradedFrom: 1 });
  t.match(await stdoutOf(t, ['--db', formatOne(t), 'defrag', '-w', 'fields']), /\n"UpgradedFrom" : 1\n$/);
});

t.test('what is imported is format 2', async (t) => {
  const folder = temporaryFolder(t);
  const db = join(folder, 'db');
  await runCli(['--db', db, 'import', unpackSnapshot('small-35', folder)]);
  const { parts } = checkTotals(db);
  t.equal(parts.key.rows, parts.index.rows + parts.history.rows);
});
