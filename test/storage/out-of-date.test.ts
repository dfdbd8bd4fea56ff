// These tests cover two ways in which an open environment can fall behind the file at its path; see lmdb-backend.ts.
// Without the checks there, processes that opened a database while others wrote to it lost several acknowledged commits
// a minute.

import { spawnSync } from 'node:child_process';
import { copyFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Backend } from '../../src/mvcc/backend.js';
import { defragment } from '../../src/storage/defragment.js';
import { LmdbBackend } from '../../src/storage/lmdb-backend.js';
import { projectFile } from '../support/root.js';
import { temporaryFolder } from '../support/run-cli.js';

const KEY = Buffer.from('counter');
const INCREMENT = projectFile('test/support/increment.js');

function count(backend: LmdbBackend): number {
  return Number(backend.tables.meta.get(KEY)?.toString() ?? 0);
}

function increment(backend: Backend & LmdbBackend): void {
  backend.transaction(() => backend.tables.meta.put(KEY, Buffer.from(String(count(backend) + 1))));
}

const SET_BACK = `
  const { openSync, readSync, writeSync } = require('node:fs');
  const [path, newest] = process.argv.slice(1);
  const file = openSync(path, 'r+');
  const head = Buffer.alloc(256);
  readSync(file, head, 0, head.length, 0);
  for (let at = 0; at < head.length; at += 8) {
    if (head.readBigUInt64LE(at) !== BigInt(newest)) continue;
    head.writeBigUInt64LE(BigInt(newest) - 1n, at);
    process.exit(writeSync(file, head, at, 8, at) === 8 ? 0 : 1);
  }
  process.exit(1);`;

/**
 * Sets the number of the newest transaction that processes share back by one, as lmdb does when it opens late. A
 * separate process does it, because closing lock.mdb in this process would drop the lock that lmdb holds on it.
 */
function setSharedTxnBack(t: Test, directory: string, newest: number): void {
  const { status } = spawnSync(process.execPath, ['-e', SET_BACK, join(directory, 'lock.mdb'), String(newest)]);
  t.equal(status, 0, 'lock.mdb holds the number');
}

function newestTxn(backend: LmdbBackend): number {
  return (backend as unknown as { root: { getStats(): { lastTxnId: number } } }).root.getStats().lastTxnId;
}

t.test('a commit stays when a late opener sets the shared transaction number back', async (t) => {
  const directory = temporaryFolder(t);
  const backend = new LmdbBackend(directory);
  for (let i = 0; i < 20; i++) increment(backend);
  setSharedTxnBack(t, directory, newestTxn(backend));
  increment(backend);
  t.equal(count(backend), 21);
  backend.close();
});

t.test('a snapshot is of the newest commit all the same', async (t) => {
  const directory = temporaryFolder(t);
  const writer = new LmdbBackend(directory);
  for (let i = 0; i < 20; i++) increment(writer);
  const newest = newestTxn(writer);
  writer.close();
  const reader = new LmdbBackend(directory, { readOnly: true });
  setSharedTxnBack(t, directory, newest);
  reader.refresh();
  t.equal(count(reader), 20);
  reader.close();
});

/** Runs `meanwhile` once, at the moment when lmdb has opened an environment and nothing has been read from it. */
function whenOpened(meanwhile: () => void): void {
  const opening = LmdbBackend.prototype as unknown as { guardPages(): void };
  const { guardPages } = opening;
  opening.guardPages = function (this: unknown) {
    opening.guardPages = guardPages;
    meanwhile();
    guardPages.call(this);
  };
}

// In a file that a defragmentation has made, the commit before the last has no mark of its format yet. If another
// process had set the shared number back to that of the old file, a process that opened the new one took it for a file
// of another program.
t.test('a database is opened at its newest commit all the same', async (t) => {
  for (const readOnly of [false, true]) {
    const directory = temporaryFolder(t);
    const backend = new LmdbBackend(directory);
    increment(backend);
    await defragment(backend, directory);
    increment(backend);
    await defragment(backend, directory);
    backend.transaction(() => undefined);
    const newest = newestTxn(backend);
    backend.close();
    whenOpened(() => setSharedTxnBack(t, directory, newest));
    const opened = new LmdbBackend(directory, { readOnly });
    t.equal(count(opened), 2);
    opened.close();
  }
});

/** Makes a file in `directory` that has the inode `ino`, if the file system gives it out again soon. */
function takeInode(directory: string, ino: number): string | undefined {
  for (let tries = 0; tries < 100; tries++) {
    const path = join(directory, `try-${tries}`);
    writeFileSync(path, '');
    if (statSync(path).ino === ino) return path;
  }
  return undefined;
}

/** Makes a database whose counter stands at `value`, and returns its file. */
function databaseFile(t: Test, value: number): string {
  const directory = temporaryFolder(t);
  const backend = new LmdbBackend(directory);
  for (let i = 0; i < value; i++) increment(backend);
  backend.close();
  return join(directory, 'data.mdb');
}

// Two defragmentations that end while a process opens the database can leave a file at the path that has the inode of
// the first. The process had then opened the second, which is gone, and what it wrote was lost.
t.test('a file that was replaced twice while it was opened is opened again', async (t) => {
  const directory = temporaryFolder(t);
  const path = join(directory, 'data.mdb');
  new LmdbBackend(directory).close();
  const [second, third] = [databaseFile(t, 2), databaseFile(t, 3)];
  const { ino } = statSync(path);
  const opening = LmdbBackend.prototype as unknown as { openRoot(): void };
  const { openRoot } = opening;
  opening.openRoot = function (this: unknown) {
    opening.openRoot = openRoot;
    renameSync(second, path);
    openRoot.call(this);
    const last = takeInode(directory, ino) ?? join(directory, 'last');
    copyFileSync(third, last);
    renameSync(last, path);
  };
  const backend = new LmdbBackend(directory);
  increment(backend);
  backend.close();
  const again = new LmdbBackend(directory, { readOnly: true });
  t.equal(count(again), 4);
  again.close();
});

t.test('a database that appears while another process makes one is the one that is opened', async (t) => {
  const directory = temporaryFolder(t);
  const second = databaseFile(t, 2);
  const path = join(directory, 'data.mdb');
  whenOpened(() => renameSync(second, path));
  const backend = new LmdbBackend(directory);
  increment(backend);
  backend.close();
  const again = new LmdbBackend(directory, { readOnly: true });
  t.equal(count(again), 3);
  again.close();
});

t.test('when another file takes the place of data.mdb', async (t) => {
  const directory = temporaryFolder(t);
  const other = temporaryFolder(t);
  const backend = new LmdbBackend(directory);
  increment(backend);
  const newer = new LmdbBackend(other);
  for (let i = 0; i < 50; i++) increment(newer);
  newer.close();

  t.test('a writer goes on in the new one', async (t) => {
    renameSync(join(other, 'data.mdb'), join(directory, 'data.mdb'));
    increment(backend);
    t.equal(count(backend), 51);
    backend.close();
    const again = new LmdbBackend(directory, { readOnly: true });
    t.equal(count(again), 51);
    again.close();
  });

  t.test('a reader keeps its snapshot until it refreshes', async (t) => {
    const third = temporaryFolder(t);
    const newest = new LmdbBackend(third);
    for (let i = 0; i < 7; i++) increment(newest);
    newest.close();
    const reader = new LmdbBackend(directory, { readOnly: true });
    renameSync(join(third, 'data.mdb'), join(directory, 'data.mdb'));
    t.equal(count(reader), 51);
    reader.refresh();
    t.equal(count(reader), 7);
    reader.close();
  });
});

t.test('what others write behind a transaction is no damage to the writer', async (t) => {
  const directory = temporaryFolder(t);
  const [writer, other] = [new LmdbBackend(directory), new LmdbBackend(directory)];
  const grant = (id: string) => other.tables.lease.put(Buffer.from(id), Buffer.from('lease'));
  grant('lease000');
  increment(writer);
  for (let i = 100; i < 120; i++) grant(`lease${i}`);
  t.equal(writer.tables.lease.get(Buffer.from('lease000'))?.toString(), 'lease');
  writer.close();
  other.close();
});

t.test('what others write while rows are audited is no damage', async (t) => {
  const directory = temporaryFolder(t);
  new LmdbBackend(directory).close();
  const reader = new LmdbBackend(directory, { readOnly: true, anySums: true });
  t.equal(spawnSync(process.execPath, [INCREMENT, directory, '3']).status, 0);
  t.same([...reader.audit()], []);
  reader.close();
});
