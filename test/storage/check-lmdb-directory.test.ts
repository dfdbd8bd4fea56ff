// These tests open directories and files that are no database, or a damaged one. LMDB ends the whole process when it
// meets some of them, and would end this test as well.

import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MvccwError } from '../../src/errors.js';
import { lmdbError } from '../../src/storage/lmdb-error.js';
import { mvccw, NOBODY } from '../support/processes.js';
import { newDatabase, runCli, tamperRows, temporaryFolder } from '../support/run-cli.js';

const IS_ROOT = process.getuid?.() === 0;

function aDatabase(t: Test): Promise<string> {
  return newDatabase(t, ({ store }) => {
    store.write((txn) => txn.put('k', Buffer.from('v')));
  });
}

/** Returns a directory whose data.mdb has these bytes. */
function withData(t: Test, bytes: Buffer): string {
  const directory = join(temporaryFolder(t), 'db');
  mkdirSync(directory);
  writeFileSync(join(directory, 'data.mdb'), bytes);
  return directory;
}

async function refuses(t: Test, db: string, exitCode: number, stderr: RegExp): Promise<void> {
  const before = existsSync(db) ? readdirSync(db).sort() : undefined;
  for (const command of [
    ['get', 'k'],
    ['put', 'k', 'v'],
    ['watch', 'k'],
  ]) {
    const run = await runCli(['--db', db, ...command], { nowMs: Date.now() });
    t.match(run, { exitCode, stdout: '', stderr }, command.join(' '));
  }
  if (before !== undefined) t.same(readdirSync(db).sort(), before, 'nothing was left there');
}

// Node's recursive mkdir once ran for ever in /proc.
t.test('directories that cannot be made', async (t) => {
  const wanted = { exitCode: 5, stdout: '', stderr: /^Error: cannot make \/proc\/nope: ENOENT/ };
  t.match(await runCli(['--db', '/proc/nope/x', 'put', 'k', 'v']), wanted);
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  const below = await runCli(['--db', join(file, 'x', 'y'), 'put', 'k', 'v']);
  t.match(below, { exitCode: 5, stdout: '', stderr: /^Error: cannot (make|open) .*ENOTDIR/ });
  const deep = join(temporaryFolder(t), 'a', 'b', 'c');
  t.match(await runCli(['--db', deep, 'put', 'k', 'v']), { exitCode: 0 });
  t.equal(statSync(join(deep, '..')).mode & 0o777, 0o700);
});

t.test('no path at all', async (t) => {
  for (const command of [['get', 'k'], ['put', 'k', 'v'], ['replay']]) {
    t.match(await runCli(['--db', '', ...command]), {
      exitCode: 2,
      stdout: '',
      stderr: /^Error: the path of --db is empty\nHint: /,
    });
  }
});

t.test('no LMDB file', async (t) => {
  for (const bytes of [Buffer.alloc(1), Buffer.alloc(100), Buffer.alloc(20_000, 'x'), Buffer.alloc(8192)]) {
    await refuses(t, withData(t, bytes), 3, /^Error: .*data\.mdb is no LMDB file\nHint: /);
  }
});

t.test("stock LMDB's format", async (t) => {
  const page = Buffer.alloc(16384);
  page.writeUInt16LE(8, 10);
  page.writeUInt32LE(0xbeefc0de, 16);
  page.writeUInt32LE(1, 20);
  await refuses(t, withData(t, page), 3, /^Error: .*data\.mdb is in stock LMDB's data format 1, not 2\n/);
});

t.test('a newer format of LMDB, and damaged meta pages', async (t) => {
  const db = await aDatabase(t);
  const good = readFileSync(join(db, 'data.mdb'));
  const changed = (at: number, byte: number) => {
    const bytes = Buffer.from(good);
    bytes[at] = byte;
    return withData(t, bytes);
  };
  await refuses(t, changed(28, 9), 3, /is in LMDB's data format 9, not 2\n/);
  await refuses(t, changed(18, 0), 3, /is damaged at page 0 \(byte 0\): a meta belongs here: .*\nHint: /);
  await refuses(t, changed(4096 + 18, 0), 3, /is damaged at page 1 \(byte 4096\): a meta belongs here: .*\nHint: /);
  await refuses(t, changed(50, 1), 3, /is damaged at page 0 \(byte 48\): the page size is 69632 bytes\nHint: /);
  await refuses(
    t,
    withData(t, good.subarray(0, 4200)),
    3,
    /is cut short: it has 4200 bytes, but page 1 begins at byte 4096\n/,
  );
});

t.test('a file that is cut short', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    for (let i = 0; i < 100; i++) store.write((txn) => txn.put(`k${i}`, Buffer.alloc(5000)));
  });
  truncateSync(join(db, 'data.mdb'), 20_000);
  await refuses(
    t,
    db,
    3,
    /^Error: .*data\.mdb is cut short: it has 20000 bytes, but page \d+ begins at byte \d+\nHint: /,
  );
});

t.test('an LMDB environment of another program', async (t) => {
  const db = await aDatabase(t);
  tamperRows(db, 'meta', (rows) => rows.removeSync(Buffer.from('mvccw.format')));
  const bytes = readFileSync(join(db, 'data.mdb'));
  await refuses(t, db, 3, /is an LMDB environment, but no database of mvccw\nHint: /);
  t.ok(readFileSync(join(db, 'data.mdb')).equals(bytes), 'not a byte was changed');
});

const setFormat = (db: string, format: string) =>
  tamperRows(db, 'meta', (rows) => rows.putSync(Buffer.from('mvccw.format'), Buffer.from(format)));

t.test('a database of a newer mvccw', async (t) => {
  const db = await aDatabase(t);
  setFormat(db, '3');
  await refuses(t, db, 3, /has format 3; this mvccw reads up to format 2\nHint: use a newer mvccw\n/);
});

t.test('a mark of the format that is damaged', async (t) => {
  const db = await aDatabase(t);
  for (const [mark, message] of [
    ['0', /has an unreadable format mark: "0"\nHint: restore it/],
    ['02', /has an unreadable format mark: "02"\nHint: restore it/],
    ['1', /has a format mark of 1, and totals, which that format does not have\nHint: restore it/],
  ] as const) {
    setFormat(db, mark);
    await refuses(t, db, 3, message);
  }
});

t.test('a directory of something else', async (t) => {
  const directory = temporaryFolder(t);
  writeFileSync(join(directory, 'notes.txt'), 'mine');
  await refuses(t, directory, 3, /is a directory, but no database of mvccw: it holds no data\.mdb\nHint: /);
});

t.test('a path that leads through a file', async (t) => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  await refuses(t, join(file, 'db'), 5, /^Error: cannot open .*ENOTDIR.*\nHint: a part of the path is a file\n/);
});

t.test('data.mdb or lock.mdb that is no file', async (t) => {
  const noData = join(temporaryFolder(t), 'db');
  mkdirSync(join(noData, 'data.mdb'), { recursive: true });
  await refuses(t, noData, 3, /data\.mdb is not a regular file/);
  const noLock = join(temporaryFolder(t), 'db');
  mkdirSync(join(noLock, 'lock.mdb'), { recursive: true });
  copyFileSync(join(await aDatabase(t), 'data.mdb'), join(noLock, 'data.mdb'));
  await refuses(t, noLock, 3, /lock\.mdb is not a regular file/);
});

t.test('data.mdb that is empty', async (t) => {
  const db = withData(t, Buffer.alloc(0));
  await refuses(t, db, 3, /^Error: .*data\.mdb is empty: a database has at least two pages\nHint: .* remove the file/);
  rmSync(join(db, 'data.mdb'));
  t.match(await runCli(['--db', db, 'put', 'k', 'v']), { exitCode: 0, stdout: 'OK\n' });
});

t.test('data.mdb or lock.mdb that is a symbolic link', async (t) => {
  for (const name of ['data.mdb', 'lock.mdb']) {
    const [db, elsewhere] = [await aDatabase(t), await aDatabase(t)];
    rmSync(join(db, name));
    symlinkSync(join(elsewhere, name), join(db, name));
    const target = join(elsewhere, name);
    await refuses(
      t,
      db,
      3,
      new RegExp(
        `^Error: .*${name} is a symbolic link to ${target}, .*\nHint: name the directory .* --db ${elsewhere}\n`,
      ),
    );
    t.ok(lstatSync(join(db, name)).isSymbolicLink(), 'it is still there');
  }
});

t.test('a copy without its lock file, and one behind a symbolic link', async (t) => {
  const folder = temporaryFolder(t);
  const copy = join(folder, 'copy');
  mkdirSync(copy);
  copyFileSync(join(await aDatabase(t), 'data.mdb'), join(copy, 'data.mdb'));
  symlinkSync(copy, join(folder, 'link'));
  for (const name of ['copy', 'link']) {
    t.match(mvccw(['--db', join(folder, name), 'get', 'k']), { status: 0, stdout: 'k\nv\n' }, name);
  }
});

t.test('permissions', { skip: !IS_ROOT && 'only root can become somebody else' }, async (t) => {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o755);
  const db = join(folder, 'db');
  const owner = (argv: string[]) => mvccw(['--db', db, ...argv]);
  const stranger = (argv: string[]) => mvccw(['--db', db, ...argv], { uid: NOBODY });
  t.match(owner(['put', 'k', 'v']), { status: 0 });

  const denied = /^Error: .*EACCES.*\nHint: check who owns it and may read or write it\n/;
  t.match(stranger(['get', 'k']), { status: 5, stdout: '', stderr: /permission denied|EACCES/ }, 'a closed directory');
  t.match(stranger(['put', 'k', 'w']), { status: 5, stdout: '', stderr: denied });

  chmodSync(db, 0o755);
  t.match(stranger(['get', 'k']), { status: 5, stderr: denied }, 'closed files');
  t.match(stranger(['put', 'k', 'w']), { status: 5, stderr: denied });

  chmodSync(join(db, 'data.mdb'), 0o644);
  t.match(
    stranger(['get', 'k']),
    {
      status: 5,
      stderr: /lock\.mdb for writing, which reading needs too: .*\n.*\n?Hint: get write permission for this/,
    },
    'a file that somebody else may be writing to',
  );

  chmodSync(join(db, 'data.mdb'), 0o444);
  chmodSync(join(db, 'lock.mdb'), 0o444);
  t.match(stranger(['get', 'k']), { status: 0, stdout: 'k\nv\n' }, 'one that nobody writes to');
  t.match(stranger(['put', 'k', 'w']), { status: 5, stderr: denied });

  const unwritable = join(folder, 'closed');
  mkdirSync(unwritable, { mode: 0o755 });
  t.match(
    mvccw(['--db', join(unwritable, 'db'), 'put', 'k', 'v'], { uid: NOBODY }),
    { status: 5, stderr: /^Error: cannot make .*db: EACCES/ },
    'no place for a new one',
  );
  t.match(owner(['get', 'k']), { status: 0, stdout: 'k\nv\n' }, 'nothing was lost');
});

t.test('what LMDB reports', async (t) => {
  const rows: [code: unknown, wanted: object][] = [
    [-30790, { code: 'IO', hint: /too many processes/ }],
    [-30796, { code: 'CORRUPT' }],
    [-30782, { code: 'CORRUPT' }],
    [-30794, { code: 'FORMAT' }],
    [-30700, { code: 'IO' }],
    [28, { code: 'IO', hint: /the disk is full/ }],
    [9999, { code: 'IO' }],
    ['EROFS', { code: 'IO', hint: /read-only/ }],
  ];
  for (const [code, wanted] of rows) {
    t.match(lmdbError(Object.assign(new Error('it failed'), { code }), 'cannot write'), {
      constructor: MvccwError,
      message: /^cannot write: it failed$/,
      ...wanted,
    });
  }
  for (const other of [new TypeError('a bug'), new MvccwError('USAGE', 'x'), 'text'])
    t.equal(lmdbError(other, ''), other);
});
