// A real etcd serves what an export has written: the same keys with the same revisions, versions and leases at each
// revision, and the same hashKV.

import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { Store, type StoreReader } from '../../src/mvcc/store.js';
import { type Database, withDatabase } from '../../src/storage/database.js';
import { type ExportOptions, exportDatabase } from '../../src/storage/export-etcd.js';
import { bumpRevision, memoryDatabase } from '../support/memory-database.js';
import { type ApiKeyValue, EtcdServer, noEtcd } from '../support/real-etcd.js';
import { temporaryFolder } from '../support/run-cli.js';
import { unpackSnapshot } from '../support/snapshots.js';

/** Returns what a store answers, as etcd's API says it. */
function keysOf(store: StoreReader, rev: number): ApiKeyValue[] {
  return store.range({ key: '\0', end: '', rev }).kvs.map((kv) => ({
    key: Buffer.from(kv.key, 'latin1').toString('base64'),
    create_revision: String(kv.createRevision),
    mod_revision: String(kv.modRevision),
    version: String(kv.version),
    ...(kv.value.length > 0 && { value: kv.value.toString('base64') }),
    ...(kv.lease !== 0n && { lease: String(kv.lease) }),
  }));
}

const leasesOf = (store: StoreReader) =>
  Object.fromEntries([...store.leases.list()].map(({ id, ttlSeconds }) => [String(id), ttlSeconds]));

/** Exports, restores, and compares what the server answers with the source. Returns the server. */
async function compared(t: Test, source: Database, options: Omit<ExportOptions, 'file'> = {}): Promise<EtcdServer> {
  const file = join(temporaryFolder(t), 'exported.db');
  const { revision, compactRevision } = await exportDatabase(source, { ...options, file });
  const server = await EtcdServer.restored(t, file);
  t.equal(await server.revision(), revision, 'the newest revision');
  const oldest = Math.max(compactRevision, 1);
  const step = Math.ceil((revision - oldest) / 40) || 1;
  for (let rev = oldest; rev <= revision; rev += step) {
    t.strictSame(await server.range(rev), keysOf(source.store, rev), `keys at ${rev}`);
  }
  if (compactRevision > 1) t.match(await server.range(compactRevision - 1), { error: /has been compacted/ });
  await withDatabase(file, async ({ store }) => {
    // This etcd refuses the hash at the compact revision, unless it is asked for the newest.
    for (let rev = compactRevision + 1; rev <= revision; rev += 60) {
      t.equal(await server.hash(rev), store.hash(rev).hash, `hash at ${rev}`);
    }
    t.equal(await server.hash(0), store.hash(0).hash, 'hash at the newest');
    t.strictSame(await server.leases(), leasesOf(store), 'leases');
  });
  return server;
}

const bytes = (text: string) => Buffer.from(text);

/** The revisions of `history`: a store with all kinds of changes, compacted at `compacted`. */
const REVS = { compacted: 6, beforeRevoke: 9, revoked: 10, txn: 11, deleted: 12, newest: 13 };

function history(): MemoryBackend {
  const backend = new MemoryBackend();
  const store = new Store(backend);
  const put = (key: string, value: string, lease = 0n) => store.write((txn) => txn.put(key, bytes(value), lease));
  store.grantLease(0x11n, 600);
  store.grantLease(0x22n, 600);
  put('a', '1');
  put('b', '1', 0x11n);
  put('c', '1');
  store.write((txn) => txn.deleteRange('c'));
  put('a', '2');
  put('d', 'x'.repeat(10_000));
  put('\xff\0key', '');
  put('gone', '1', 0x22n);
  store.revokeLease(0x22n);
  store.write((txn) => {
    txn.put('a', bytes('3'));
    txn.deleteRange('b');
    txn.put('e', bytes('1'), 0x11n);
  });
  store.write((txn) => txn.deleteRange('a'));
  put('a', 'again');
  t.equal(store.currentRev, REVS.newest);
  store.compact(REVS.compacted);
  return backend;
}

t.test('a real etcd', { skip: noEtcd, jobs: 4 }, async (t) => {
  t.test('the whole window of an etcd snapshot', async (t) => {
    const path = unpackSnapshot('small-35', temporaryFolder(t));
    await withDatabase(path, async (database) => {
      const server = await compared(t, database);
      for (const rev of [0, 200, 300]) t.equal(await server.hash(rev), database.store.hash(rev).hash, `hash ${rev}`);
    });
  });

  t.test('the whole window of a database of our own', async (t) => {
    const database = memoryDatabase(history(), '3.4.0');
    const server = await compared(t, database);
    t.equal(await server.hash(0), database.store.hash(0).hash);
  });

  for (const name of ['compacted', 'txn', 'deleted', 'newest'] as const) {
    t.test(`the keys as of a revision: ${name}`, async (t) => {
      await compared(t, memoryDatabase(history()), { rev: REVS[name] });
    });
  }

  // etcd 3.4.23 takes a file whose records name a lease that is not there, and a put with --ignore-lease then ends it.
  t.test('a lease that is gone since the revision is granted anew', async (t) => {
    const server = await compared(t, memoryDatabase(history()), { rev: REVS.beforeRevoke, leaseTtlSeconds: 77 });
    t.strictSame(await server.leases(), { 17: 600, 34: 77 });
    t.equal(await server.putIgnoringLease('gone', 'still here'), undefined);
    t.equal(await server.revision(), REVS.beforeRevoke + 1);
  });

  t.test('behind revisions that a restore has skipped', async (t) => {
    const backend = history();
    const store = bumpRevision(backend, 1000);
    store.write((txn) => txn.put('a', bytes('new')));
    store.write((txn) => txn.deleteRange('d'));
    const database = memoryDatabase(backend);
    await compared(t, database);
    await compared(t, database, { rev: store.currentRev - 1 });
  });
});
