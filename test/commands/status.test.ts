import { join } from 'node:path';
import t, { type Test } from 'tap';
import { writeScheduledCompactRev } from '../../src/mvcc/store-state.js';
import { addWatchSpec } from '../../src/requests/watch-spec.js';
import { noteImport } from '../../src/storage/import-note.js';
import { inspectionLines } from '../support/inspection-lines.js';
import { projectFile } from '../support/root.js';
import { newDatabase, runCli, stdoutOf, tamper, temporaryFolder } from '../support/run-cli.js';

/** Returns a database with two live keys and a deleted one, compacted at 4, a lease and a watcher. */
function filled(t: Test): Promise<string> {
  return newDatabase(t, ({ store, backend }) => {
    store.grantLease(7n, 60);
    store.write((txn) => txn.put('a', Buffer.from('1'), 7n));
    store.write((txn) => txn.put('a', Buffer.from('2'), 7n));
    store.write((txn) => txn.put('b', Buffer.from('3')));
    store.write((txn) => txn.put('c', Buffer.from('4')));
    store.write((txn) => txn.deleteRange('c'));
    store.compact(4);
    backend.transaction(() => {
      noteImport(backend, 'backup\x1b.db');
      addWatchSpec(backend.tables.watch, { name: 'w', key: 'a', filters: [], prevKv: false });
    });
  });
}

async function sizeOf(t: Test, db: string): Promise<number> {
  return JSON.parse(await stdoutOf(t, ['status', '--db', db, '-w', 'json'])).sizeBytes;
}

t.test('a database of mvccw, in each format', async (t) => {
  const db = await filled(t);
  const status = (format: string, isTTY = false) =>
    stdoutOf(t, ['status', '--db', db, '-w', format], { isTTY, env: { NO_COLOR: '1' } });
  const sizeBytes = await sizeOf(t, db);
  t.ok(Number.isSafeInteger(sizeBytes) && sizeBytes >= 4096 && sizeBytes % 4096 === 0, 'whole pages');
  const simple = `path        ${db}
kind        database of mvccw
format      2, with sums
imported    from backup\\x1b.db
window      revisions 4 to 6
compaction  finished at 4
records     4
keys        2 live, 1 deleted and not compacted
leases      1
watchers    1 registered
size        ${Math.round(sizeBytes / 1000)} kB (${sizeBytes} bytes)
`;
  t.equal(await status('simple'), simple);
  t.equal(await status('simple', true), simple.replace('\x1b', '\\x1b'));
  t.equal(
    await status('json'),
    `{"path":"${db}","kind":"mvccw","format":2,"importedFrom":"backup\\u001b.db","sizeBytes":${sizeBytes},"oldestRev":4,"currentRev":6,"compactRev":4,"scheduledCompactRev":4,"finishedCompactRev":4,"compactionCutShort":false,"records":4,"liveKeys":2,"deletedKeys":1,"leases":1,"watchers":1}\n`,
  );
  t.equal(
    await status('fields'),
    `"Path" : "${db}"
"Kind" : "mvccw"
"Format" : 2
"ImportedFrom" : "backup\\x1b.db"
"SizeBytes" : ${sizeBytes}
"OldestRev" : 4
"CurrentRev" : 6
"CompactRev" : 4
"ScheduledCompactRev" : 4
"FinishedCompactRev" : 4
"CompactionCutShort" : false
"Records" : 4
"LiveKeys" : 2
"DeletedKeys" : 1
"Leases" : 1
"Watchers" : 1
`,
  );
  const rows = (await status('table')).split('\n').map((line) => line.replace(/ +/g, ' '));
  t.equal(rows[1], '│ FIELD │ VALUE │');
  t.strictSame(rows.slice(6, 10), [
    '│ importedFrom │ backup\\x1b.db │',
    `│ sizeBytes │ ${sizeBytes} │`,
    '│ oldestRev │ 4 │',
    '│ currentRev │ 6 │',
  ]);
});

t.test('an empty database', async (t) => {
  const db = await newDatabase(t, () => undefined);
  t.equal(
    await stdoutOf(t, ['status', '--db', db]),
    `path        ${db}
kind        database of mvccw
format      2, with sums
window      revisions 1 to 1
compaction  none yet
records     0
keys        0 live, 0 deleted and not compacted
leases      0
watchers    0 registered
size        ${Math.round((await sizeOf(t, db)) / 1000)} kB (${await sizeOf(t, db)} bytes)
`,
  );
  t.match(JSON.parse(await stdoutOf(t, ['status', '--db', db, '-w', 'json'])), {
    oldestRev: 1,
    currentRev: 1,
    compactRev: -1,
    scheduledCompactRev: undefined,
    finishedCompactRev: undefined,
  });
});

t.test('a compaction that was cut short', async (t) => {
  const db = await filled(t);
  tamper(db, ({ tables }) => writeScheduledCompactRev(tables.meta, 5));
  const status = await stdoutOf(t, ['status', '--db', db]);
  t.match(status, '\nwindow      revisions 5 to 6\ncompaction  at 5, cut short: the next write will finish it\n');
  t.match(JSON.parse(await stdoutOf(t, ['status', '--db', db, '-w', 'json'])), {
    oldestRev: 5,
    scheduledCompactRev: 5,
    finishedCompactRev: 4,
    compactionCutShort: true,
  });
  await stdoutOf(t, ['watcher', 'add', 'x', 'x', '--db', db]);
  t.match(await stdoutOf(t, ['status', '--db', db]), '\ncompaction  finished at 5\n');
});

t.test('the files of servers', async (t) => {
  const auth = await stdoutOf(t, ['status', '--db', projectFile('fixtures/servers/auth-35.db.gz'), '-w', 'json']);
  t.match(inspectionLines(t, auth)[0], {
    kind: 'etcdFile',
    etcdVersion: '3.5.0',
    consistentIndex: 1146,
    term: 4,
    members: [{ id: '9faf05e75523d5e0', name: 'm1', clientURLs: ['http://127.0.0.1:41081'] }],
    auth: { enabled: true, revision: 13, users: 2, roles: 2 },
  });
  t.match(
    await stdoutOf(t, ['status', '--db', projectFile('fixtures/servers/cluster-35.db.gz')]),
    `raft        consistent index 400, term 4
member      2807919989f070c5 m3, peers http://127.0.0.1:33423, clients http://127.0.0.1:43805
member      9f17d72fbf8b4010 m1, peers http://127.0.0.1:36955, clients http://127.0.0.1:48869
member      c2150da6adc7d3c8 m2, peers http://127.0.0.1:36235, clients http://127.0.0.1:39511
auth        off, revision 1, 0 users, 0 roles
`,
  );
});

t.test('nothing there, and not a database', async (t) => {
  const folder = temporaryFolder(t);
  const nowhere = join(folder, 'nowhere');
  const { exitCode, stdout, stderr } = await runCli(['status', '--db', nowhere]);
  t.strictSame({ exitCode, stdout }, { exitCode: 5, stdout: '' });
  t.match(
    stderr,
    `Error: there is no database at ${nowhere}\nHint: name one with --db or $MVCCW_DB, or make one with: `,
  );
  t.strictSame(await runCli(['status', '--db', folder]), {
    exitCode: 3,
    stdout: '',
    stderr: `Error: ${folder} is a directory, but no database of mvccw: it holds no data.mdb
Hint: name the directory that mvccw import made, or an etcd file
`,
  });
});
