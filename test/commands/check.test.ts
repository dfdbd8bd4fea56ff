// These tests check whole databases and files, damage what follows from the records, and repair it.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import type { TableName } from '../../src/mvcc/backend.js';
import { deadlineKey, dueKey, idBytes } from '../../src/mvcc/lease-entry.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import type { LmdbBackend } from '../../src/storage/lmdb-backend.js';
import { processMark } from '../../src/storage/process-mark.js';
import { inspectionLines } from '../support/inspection-lines.js';
import { projectFile } from '../support/root.js';
import { newDatabase, runCli, stdoutOf, tamper, tamperRows, temporaryFolder } from '../support/run-cli.js';
import { unpackSnapshot } from '../support/snapshots.js';

const LEASE = 7n;
/** In far more than a day of tests. */
const DEADLINE_MS = Date.now() + 10 ** 9;

function filled(t: Test): Promise<string> {
  return newDatabase(t, ({ store }) => {
    store.grantLease(LEASE, 10 ** 6, DEADLINE_MS);
    for (let i = 0; i < 40; i++) store.write((txn) => txn.put(`k${i % 7}`, Buffer.from(`v${i}`), i % 2 ? LEASE : 0n));
    store.write((txn) => txn.deleteRange('k3'));
    store.compact(20);
    store.write((txn) => txn.put('long'.padEnd(1950, 'x'), Buffer.from('v'), LEASE));
  });
}

const ANSWERS = [['hash'], ['get', '', '--prefix', '-w', 'json']];
const LEASED = ['lease', 'timetolive', '7', '--keys', '-w', 'json'];

/** Returns what a user sees of a database. */
async function answers(t: Test, db: string, commands: readonly string[][] = [...ANSWERS, LEASED]): Promise<string> {
  const outputs: string[] = [];
  for (const command of commands) {
    outputs.push(await stdoutOf(t, ['--db', db, ...command], { nowMs: DEADLINE_MS - 1000 }));
  }
  return outputs.join('').replaceAll(db, 'DB');
}

const FIRST_ATTACHED = deadlineKey(LEASE).fill('k', 8);

const DERIVED: readonly (readonly [what: string, damage: (tables: LmdbBackend['tables']) => void])[] = [
  [
    'the whole index',
    ({ index }) => {
      for (const { key } of [...index.entries()]) index.delete(key);
    },
  ],
  ['an entry of the index', ({ index }) => index.delete([...index.entries()][3]!.key)],
  [
    'an entry too many',
    ({ index }) => index.put(Buffer.from('Lq\0\x01', 'latin1'), [...index.entries()].at(-1)!.value),
  ],
  ['bytes in the index', ({ index }) => index.put(index.last()!.key, Buffer.alloc(33, 1))],
  ['an attachment', ({ lease }) => lease.delete([...lease.entries({ gte: FIRST_ATTACHED })][0]!.key)],
  [
    'an attachment of no lease',
    ({ lease }) => lease.put(Buffer.from('0000000000000009' + '6b61' + '0001', 'hex'), Buffer.from('a')),
  ],
  ['a deadline that is not in the list', ({ lease }) => lease.delete(dueKey(DEADLINE_MS, LEASE))],
  ['a due entry without a lease', ({ lease }) => lease.put(dueKey(5, 99n), Buffer.alloc(0))],
  [
    'a due entry of another form',
    ({ lease }) => lease.put(Buffer.concat([deadlineKey(0n), Buffer.alloc(3)]), Buffer.alloc(0)),
  ],
];

t.test('what follows from the records is found and repaired', async (t) => {
  const original = await filled(t);
  const wanted = await answers(t, original);
  const sound = / is sound: leftover files, pages, free pages, sums and totals, records, /;
  t.match(await runCli(['--db', original, 'check']), { exitCode: 0, stdout: sound, stderr: '' });
  for (const [what, damage] of DERIVED) {
    const db = temporaryFolder(t);
    copyFileSync(join(original, 'data.mdb'), join(db, 'data.mdb'));
    tamper(db, ({ tables }) => damage(tables));
    const found = await runCli(['--db', db, 'check']);
    t.match(found, { exitCode: 1, stdout: /^(index|attachment|due) /, stderr: '' }, what);
    t.match(found.stdout, / has \d+ findings?: `mvccw check --repair` mends it\n$/);
    const repaired = / is repaired: the .* (is|are) built anew/;
    t.match(await runCli(['--db', db, 'check', '--repair']), { exitCode: 0, stdout: repaired }, what);
    t.match(await runCli(['--db', db, 'check']), { exitCode: 0 }, `${what}: it is sound`);
    t.equal(await answers(t, db), wanted, `${what}: all is as it was`);
    t.same(readdirSync(db).sort(), ['data.mdb', 'lock.mdb']);
  }
});

t.test('a damaged record is never touched', async (t) => {
  const db = await filled(t);
  tamper(db, ({ tables: { key, index } }) => {
    key.put(encodeRevisionKey({ main: 30, sub: 0 }), Buffer.from('0a', 'hex'));
    index.delete(index.last()!.key);
  });
  const bytes = readFileSync(join(db, 'data.mdb'));
  const before = statSync(join(db, 'data.mdb'));
  const run = await runCli(['--db', db, 'check', '--repair']);
  t.match(run, { exitCode: 1, stdout: /^record .*revision 30_0: .*varint cut short/m });
  t.match(run.stdout, / has \d+ findings; not all of it can be repaired, so nothing was changed\n$/);
  t.ok(readFileSync(join(db, 'data.mdb')).equals(bytes));
  t.equal(statSync(join(db, 'data.mdb')).ino, before.ino);
  t.match(await runCli(['--db', db, 'check']), {
    exitCode: 1,
    stdout: / findings, of which a repair could mend \d+\n$/,
  });
});

t.test('leftovers', async (t) => {
  const db = await filled(t);
  const [pid, begin, place] = processMark().split('.');
  const name = `.copy-${pid}.${Number(begin) + 1}.${place}-0`;
  mkdirSync(join(db, name));
  const { ino } = statSync(join(db, 'data.mdb'));
  t.match(await runCli(['--db', db, 'check']), { exitCode: 1, stdout: /^leftover +\.copy-\S+ was left behind/ });
  t.match(await runCli(['--db', db, 'check', '--repair']), { exitCode: 0, stdout: / is repaired: it is removed\n$/ });
  t.same(readdirSync(db).sort(), ['data.mdb', 'lock.mdb']);
  t.equal(statSync(join(db, 'data.mdb')).ino, ino, 'the database itself needed no repair');
});

t.test('each format', async (t) => {
  const db = await filled(t);
  tamper(db, ({ tables: { index, lease } }) => {
    index.delete(Buffer.from('Lk1\0\x01', 'latin1'));
    lease.put(dueKey(5, 99n), Buffer.alloc(0));
  });
  const { stdout } = await runCli(['--db', db, 'check', '-w', 'json']);
  const lines = inspectionLines(t, stdout);
  t.match(lines[0], {
    kind: 'finding',
    finding: 'index',
    table: 'index',
    key: Buffer.from('k1').toString('base64'),
    repair: 'the index is built anew from the records',
  });
  t.match(lines.at(-2), { finding: 'due', lease: 99 });
  t.match(lines.at(-1), { kind: 'check', path: db, sound: false, complete: true, findings: lines.length - 1 });
  t.match((await runCli(['--db', db, 'check', '-w', 'fields'])).stdout, /^"Finding" : "index"\n"Problem" : "key \\"k1/);
  t.match((await runCli(['--db', db, 'check', '-w', 'table'])).stdout, /│ due +│ lease │ 0000000000000063 │/);
  const repaired = await stdoutOf(t, ['--db', db, 'check', '--repair', '-w', 'json']);
  t.match(JSON.parse(repaired.trimEnd().split('\n').at(-1)!), { sound: true, repaired: [/index/, /deadlines/] });
});

t.test('etcd files', async (t) => {
  const folder = temporaryFolder(t);
  const unpack = (name: string) => {
    const path = join(folder, name);
    writeFileSync(path, gunzipSync(readFileSync(projectFile(`fixtures/cases/${name}.db.gz`))));
    return path;
  };
  const whole = unpackSnapshot('medium-35-compacted', folder);
  t.match(await runCli(['--db', whole, 'check']), { exitCode: 0, stdout: / is sound: meta pages, length, digest, / });
  const rows: [name: string, exitCode: number, stdout: RegExp][] = [
    ['freelist-page-twice', 1, /^freelist +.*twice/m],
    ['digest-cut-by-1', 1, /^file +.*a snapshot that was cut short/],
    ['cleared-elements', 1, /^(history|page) /],
  ];
  for (const [name, exitCode, stdout] of rows) {
    t.match(await runCli(['--db', unpack(name), 'check']), { exitCode, stdout }, name);
  }
  const changed = readFileSync(whole);
  writeFileSync(
    join(folder, 'changed'),
    changed.fill(0xff, changed.length >> 2, changed.length - (changed.length >> 2)),
  );
  const { exitCode, stdout } = await runCli(['--db', join(folder, 'changed'), 'check']);
  t.equal(exitCode, 3);
  t.match(stdout, /^digest .*SHA-256/);
  t.match(stdout, /^page .*page \d+ /m);
  t.match(stdout, / findings?; the rest could not be read\n$/);
  const refused = { exitCode: 2, stdout: '', stderr: /is a file: mvccw writes only to databases of its own/ };
  t.match(await runCli(['--db', whole, 'check', '--repair']), refused);
});

t.test('refused', async (t) => {
  t.match(await runCli(['--db', join(temporaryFolder(t), 'none'), 'check']), {
    exitCode: 5,
    stderr: /there is no database/,
  });
});

/** Returns the pages of a data file of a kind, by the first bytes of the keys in them. */
function pagesWith(file: Buffer, text: string): number[] {
  const pages: number[] = [];
  for (let at = 2 * 4096; at < file.length; at += 4096) {
    if (file.subarray(at, at + 4096).includes(text, 0, 'latin1')) pages.push(at / 4096);
  }
  return pages;
}

t.test('damaged pages of a database', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    for (let i = 0; i < 300; i++) store.write((txn) => txn.put(`key-${i}`, Buffer.alloc(50)));
  });
  await stdoutOf(t, ['--db', db, 'defrag']);
  const wanted = await answers(t, db, ANSWERS);
  const path = join(db, 'data.mdb');
  const whole = readFileSync(path);
  const damage = (page: number) => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt16LE(0x7ff0, page * 4096 + 20);
    writeFileSync(path, bytes);
  };
  damage(pagesWith(whole, 'Lkey-1')[0]!);
  const place = /data\.mdb is damaged at page \d+ \(byte \d+\)/.source;
  t.match(await runCli(['--db', db, 'check']), { exitCode: 3, stdout: new RegExp(`^index .*${place}`) });
  t.match(await runCli(['--db', db, 'check', '--repair']), {
    exitCode: 0,
    stdout: / is repaired: the index is built anew/,
  });
  t.match(await runCli(['--db', db, 'check']), { exitCode: 0 });
  t.equal(await answers(t, db, ANSWERS), wanted);

  damage(pagesWith(whole, '\x0a\x07key-150')[0]!);
  const bytes = readFileSync(path);
  const lines = (await runCli(['--db', db, 'check', '-w', 'json'])).stdout.split('\n');
  t.match(JSON.parse(lines[0]!), { finding: 'page', table: 'key', page: Number, offset: Number });
  t.match(await runCli(['--db', db, 'check', '--repair']), { exitCode: 3, stdout: /nothing was changed\n$/ });
  t.ok(readFileSync(path).equals(bytes));
});

t.test('the tables beside one with a damaged page are checked', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    for (let id = 1n; id <= 200n; id++) store.grantLease(id, 10 ** 6, DEADLINE_MS);
    for (let i = 0; i < 9; i++) store.write((txn) => txn.put(`key-${i}`, Buffer.alloc(50)));
  });
  await stdoutOf(t, ['--db', db, 'defrag']);
  tamper(db, ({ tables: { key } }) => key.delete(encodeRevisionKey({ main: 5, sub: 0 })));
  const path = join(db, 'data.mdb');
  const bytes = readFileSync(path);
  // The last of the pages with the id of a lease is of the newest commit.
  const page = pagesWith(bytes, '\0\0\0\0\0\0\0\x64\x08\x64').at(-1)!;
  bytes.writeUInt16LE(0x7ff0, page * 4096 + 20);
  writeFileSync(path, bytes);
  const { exitCode, stdout } = await runCli(['--db', db, 'check', '-w', 'json']);
  t.equal(exitCode, 3);
  const found = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(found, [
    { finding: 'page', table: 'lease', page },
    { finding: 'history', revision: { main: 5, sub: 0 } },
    { finding: 'index', revision: { main: 5, sub: 0 } },
    { kind: 'check', complete: false, findings: 3 },
  ]);
});

t.test('damaged free pages', async (t) => {
  const db = await filled(t);
  const wanted = await answers(t, db);
  const path = join(db, 'data.mdb');
  const bytes = readFileSync(path);
  const metas = [0, 4096].sort((a, b) => bytes.readUInt32LE(a + 152) - bytes.readUInt32LE(b + 152));
  const root = bytes.readUInt32LE(metas[1]! + 88);
  // The data of a leaf lies at its end, and a list of free pages ends with a page.
  bytes.writeUInt32LE(0x7fffffff, (root + 1) * 4096 - 8);
  writeFileSync(path, bytes);
  t.match(await runCli(['--db', db, 'check']), {
    exitCode: 1,
    stdout: /^freelist .* page \d+ .*\n.*overwrites pages in use\n/,
  });
  t.match(await runCli(['--db', db, 'put', 'k', 'v']), { exitCode: 3 });
  const repaired = / is repaired: the file is written anew without free pages\n$/;
  t.match(await runCli(['--db', db, 'check', '--repair']), { exitCode: 0, stdout: repaired });
  t.match(await runCli(['--db', db, 'check']), { exitCode: 0 });
  t.equal(await answers(t, db), wanted);
});

type Rows = Parameters<Parameters<typeof tamperRows>[2]>[0];

/** Changes a byte of the value of a row, which keeps its sum. */
function flip(rows: Rows, key: Buffer): void {
  const value = Buffer.from(rows.get(key)!);
  value[0]! ^= 1;
  rows.putSync(key, value);
}

const keysOf = (rows: Rows) => [...rows.getKeys()].map((key) => Buffer.from(key));
const NEWEST = encodeRevisionKey({ main: 43, sub: 0 });
const TOTALS = Buffer.from('mvccw.totals');

/** What a repair mends, and what it does not. */
const IN_THE_FILE: readonly (readonly [
  what: string,
  table: TableName,
  change: (rows: Rows) => void,
  RegExp,
  boolean,
])[] = [
  ['a row of the index', 'index', (rows) => flip(rows, keysOf(rows)[4]!), /^index .* has a wrong sum\n/, true],
  [
    'a row of the index is gone',
    'index',
    (rows) => rows.removeSync(keysOf(rows)[4]!),
    /^index .* were written\n/,
    true,
  ],
  [
    'a row of an attachment',
    'lease',
    (rows) => flip(rows, keysOf(rows).at(-1)!),
    /^attachment .* has a wrong sum\n/,
    true,
  ],
  ['the totals', 'meta', (rows) => flip(rows, TOTALS), /^totals .* have a wrong sum\n/, true],
  ['the totals are gone', 'meta', (rows) => rows.removeSync(TOTALS), /^totals .* are missing\n/, true],
  ['a record', 'key', (rows) => flip(rows, NEWEST), /^record +revision 43_0: .* has a wrong sum\n/, false],
  [
    'the newest record is gone',
    'key',
    (rows) => rows.removeSync(NEWEST),
    /^history +table key has \d+ rows, and \d+ were written\n/,
    false,
  ],
  ['a lease', 'lease', (rows) => flip(rows, idBytes(LEASE)), /^lease .* has a wrong sum\n/, false],
];

t.test('rows that are not those that were written', async (t) => {
  const original = await filled(t);
  const wanted = await answers(t, original);
  for (const [what, table, change, found, mends] of IN_THE_FILE) {
    const db = temporaryFolder(t);
    copyFileSync(join(original, 'data.mdb'), join(db, 'data.mdb'));
    tamperRows(db, table, change);
    t.match(await runCli(['--db', db, 'check']), { exitCode: 1, stdout: found, stderr: '' }, what);
    const bytes = readFileSync(join(db, 'data.mdb'));
    const repair = await runCli(['--db', db, 'check', '--repair']);
    if (mends) {
      t.match(repair, { exitCode: 0, stdout: / is repaired: / }, what);
      t.equal(await answers(t, db), wanted, `${what}: all is as it was`);
      t.match(await runCli(['--db', db, 'check']), { exitCode: 0 }, `${what}: it is sound`);
    } else {
      t.match(repair, { exitCode: 1, stdout: / so nothing was changed\n$/ }, what);
      t.ok(readFileSync(join(db, 'data.mdb')).equals(bytes), `${what}: nothing was changed`);
    }
  }
});

t.test('a database of a format without sums', async (t) => {
  const db = temporaryFolder(t);
  writeFileSync(join(db, 'data.mdb'), gunzipSync(readFileSync(projectFile('fixtures/databases/format-1.mdb.gz'))));
  const stderr = /^Hint: the database is of format 1, without sums: .* `mvccw defrag` adds them\n$/;
  const sound = / is sound: leftover files, pages, free pages, records, /;
  t.match(await runCli(['--db', db, 'check']), { exitCode: 0, stdout: sound, stderr });
  const wanted = await answers(t, db, ANSWERS);
  tamper(db, ({ tables: { index } }) => index.delete(index.last()!.key));
  t.match(await runCli(['--db', db, 'check', '--repair']), { exitCode: 0, stdout: / is repaired: the index / });
  t.equal(await answers(t, db, ANSWERS), wanted);
  t.match(await runCli(['--db', db, 'check']), { exitCode: 0, stdout: / sums and totals, /, stderr: '' });
});
