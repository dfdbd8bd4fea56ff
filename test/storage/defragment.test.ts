import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Backend, type Entry, TABLE_NAMES } from '../../src/mvcc/backend.js';
import { Store, StoreReader } from '../../src/mvcc/store.js';
import { defragment } from '../../src/storage/defragment.js';
import { LmdbBackend } from '../../src/storage/lmdb-backend.js';
import { checkTotals } from '../support/recounted.js';
import { projectFile } from '../support/root.js';
import { newDatabase, temporaryFolder } from '../support/run-cli.js';

const INCREMENT = projectFile('test/support/increment.js');

/** Returns every entry of every table as text. */
function contents(backend: Backend): string[] {
  return TABLE_NAMES.flatMap((name) =>
    [...backend.tables[name].entries()].map(
      ({ key, value }) => `${name} ${key.toString('hex')} ${value.toString('hex')}`,
    ),
  );
}

/** Writes many revisions and compacts most of them, so that their pages are free. */
function fill(store: Store): void {
  for (let round = 0; round < 20; round++) {
    store.write((txn) => {
      for (let i = 0; i < 200; i++) txn.put(`key${i}`, Buffer.alloc(200, round));
    });
  }
  store.compact(store.currentRev);
}

t.test('the same entries in a smaller file', async (t) => {
  const path = await newDatabase(t, ({ store }) => {
    store.grantLease(7n, 60);
    fill(store);
    store.write((txn) => txn.put('leased', Buffer.from('x'), 7n));
  });
  chmodSync(join(path, 'data.mdb'), 0o640);
  const backend = new LmdbBackend(path);
  const before = contents(backend);
  const { sizeBytesBefore, sizeBytesAfter } = await defragment(backend, path);
  t.ok(sizeBytesAfter < sizeBytesBefore / 3, `${sizeBytesBefore} to ${sizeBytesAfter}`);
  t.equal(statSync(join(path, 'data.mdb')).size, sizeBytesAfter);
  t.equal(statSync(join(path, 'data.mdb')).mode & 0o777, 0o640, 'the permissions stay');
  t.strictSame(readdirSync(path).sort(), ['data.mdb', 'lock.mdb']);
  const store = new Store(backend);
  t.equal(store.write((txn) => txn.put('later', Buffer.from('y'))).revision, 23);
  backend.close();
  const again = new LmdbBackend(path, { readOnly: true });
  t.strictSame(contents(again).filter((line) => before.includes(line)).length, before.length);
  t.equal(new StoreReader(again).range({ key: 'later' }).count, 1);
  again.close();
});

t.test('twice in a row, and what a killed one left behind', async (t) => {
  const path = await newDatabase(t, ({ store }) => fill(store));
  mkdirSync(join(path, 'defrag.tmp'));
  writeFileSync(join(path, 'defrag.tmp', 'data.mdb'), 'half a copy');
  const backend = new LmdbBackend(path);
  const before = contents(backend);
  const first = await defragment(backend, path);
  const second = await defragment(backend, path);
  t.equal(second.sizeBytesBefore, first.sizeBytesAfter);
  t.equal(second.sizeBytesAfter, first.sizeBytesAfter);
  t.strictSame(contents(backend), before);
  t.notOk(existsSync(join(path, 'defrag.tmp')));
  backend.close();
});

t.test('when it fails, the database is as it was', async (t) => {
  const path = await newDatabase(t, ({ store }) => fill(store));
  const backend = new LmdbBackend(path);
  const before = contents(backend);
  const { key } = backend.tables;
  const broken = new Proxy(backend, {
    get(target, name) {
      if (name === 'tables') return { ...target.tables, index: { entries: failing } };
      if (name === 'transaction') return target.transaction.bind(target);
      return Reflect.get(target, name);
    },
  });
  function* failing() {
    yield* key.entries();
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  }
  await t.rejects(defragment(broken, path), { code: 'IO', message: /no space left/, hint: /the disk is full/ });
  t.strictSame(readdirSync(path).sort(), ['data.mdb', 'lock.mdb']);
  t.strictSame(contents(backend), before);
  backend.close();
});

t.test('processes that write meanwhile lose nothing', async (t) => {
  const folder = temporaryFolder(t);
  const [writers, increments] = [3, 40];
  new LmdbBackend(folder).close();
  const children = Array.from({ length: writers }, () =>
    spawn(process.execPath, [INCREMENT, folder, String(increments)], { stdio: ['ignore', 'ignore', 'inherit'] }),
  );
  const ended = Promise.all(children.map((child) => once(child, 'exit')));
  let running = true;
  void ended.then(() => {
    running = false;
  });
  const backend = new LmdbBackend(folder);
  let rounds = 0;
  for (; running; rounds++) {
    await defragment(backend, folder);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  t.strictSame(
    (await ended).map(([code]) => code),
    Array(writers).fill(0),
  );
  t.ok(rounds > 5, `${rounds} defragmentations`);
  backend.refresh();
  t.equal(backend.tables.meta.get(Buffer.from('counter'))?.toString(), String(writers * increments));
  backend.close();
  checkTotals(folder);
});

// The message once named defrag.tmp, and called the damage an I/O error or a bug of mvccw.
t.test('damage is told of the database', async (t) => {
  const path = await newDatabase(t, ({ store }) => fill(store));
  const backend = new LmdbBackend(path);
  const withIndex = (entries: () => Iterable<Entry>) =>
    new Proxy(backend, {
      get(target, name) {
        if (name === 'tables') return { ...target.tables, index: { entries } };
        if (name === 'transaction') return target.transaction.bind(target);
        return Reflect.get(target, name);
      },
    });
  const rows: [entries: () => Iterable<Entry>, message: string][] = [
    [
      () => {
        throw Object.assign(new Error('MDB_BAD_TXN: Invalid dupdata flag'), { code: -30782 });
      },
      `cannot read ${path}: MDB_BAD_TXN: Invalid dupdata flag`,
    ],
    [
      () => [{ key: Buffer.alloc(2000), value: Buffer.alloc(0) }],
      `cannot read ${path}: a key has 2000 bytes, which LMDB does not take`,
    ],
  ];
  for (const [entries, message] of rows) {
    await t.rejects(defragment(withIndex(entries), path), { code: 'CORRUPT', message, hint: /restore it from a copy/ });
  }
  t.strictSame(readdirSync(path).sort(), ['data.mdb', 'lock.mdb']);
  backend.close();
});
