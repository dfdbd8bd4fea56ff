// What is exported and imported again is what it was; an exported key space is what a compaction at its revision leaves.

import { linkSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { InterruptedError, type OnInterrupt } from '../../src/errors.js';
import { TABLE_NAMES } from '../../src/mvcc/backend.js';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { Store, StoreReader } from '../../src/mvcc/store.js';
import { etcdFindings } from '../../src/storage/check-etcd-file.js';
import { withDatabase } from '../../src/storage/database.js';
import { exportDatabase } from '../../src/storage/export-etcd.js';
import { importEtcdFile } from '../../src/storage/import-etcd.js';
import { processMark } from '../../src/storage/process-mark.js';
import { awkwardKeys } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';
import { memoryDatabase } from '../support/memory-database.js';
import { draws } from '../support/random.js';
import { newDatabase, temporaryFolder } from '../support/run-cli.js';
import { snapshotNames, unpackSnapshot } from '../support/snapshots.js';
import { type StoreStep, storeStep } from '../support/store-steps.js';

/** Returns what a store holds, without the times of leases, which etcd does not keep. */
function contentsOf(store: StoreReader, revs: readonly number[]): object {
  return {
    state: store.state,
    records: [...store.records(0, store.currentRev)].map(
      ({ keyBytes, valueBytes }) => `${keyBytes.toString('hex')} ${valueBytes.toString('hex')}`,
    ),
    hashes: revs.map((rev) => store.hash(rev).hash),
    leases: [...store.leases.list()].map(({ deadlineMs: _, ...lease }) => lease),
    attached: [...store.leases.list()].map(({ id }) => store.leases.keys(id)),
  };
}

function copyOf(backend: MemoryBackend): MemoryBackend {
  const copy = new MemoryBackend();
  for (const name of TABLE_NAMES) {
    for (const { key, value } of backend.tables[name].entries()) copy.tables[name].put(key, value);
  }
  return copy;
}

/** Makes a store with what the steps do; a step that the store refuses does nothing. */
function storeAfter(steps: readonly StoreStep[]): MemoryBackend {
  const backend = new MemoryBackend();
  const store = new Store(backend);
  for (const step of steps) {
    try {
      if (step.kind === 'grant') store.grantLease(step.lease, 60, 1234);
      else if (step.kind === 'revoke') store.revokeLease(step.lease);
      else if (step.kind === 'compact') store.compact(Math.ceil((store.currentRev * step.percent) / 100));
      else if (step.kind === 'write') {
        store.write((txn) => {
          for (const change of step.changes) {
            if (change.kind === 'put') txn.put(change.key, change.value, change.lease);
            else txn.deleteRange(change.key, change.end);
          }
        });
      }
    } catch {
      // A lease that is not there, or a revision that is compacted already.
    }
  }
  return backend;
}

/** Tells whether a transaction has deleted a key and put it again: its compaction loses the put, in etcd too. */
function isPutAgain(store: StoreReader, rev: number): boolean {
  const deleted = new Set<string>();
  for (const { key, tombstone } of store.records(rev, rev)) {
    if (tombstone) deleted.add(key);
    else if (deleted.has(key)) return true;
  }
  return false;
}

const ALL = { key: '', end: '' };

/** Puts each key once a transaction, as etcd's API does. */
function hasEachKeyOnce({ kind, ...step }: StoreStep): boolean {
  if (kind !== 'write' || !('changes' in step)) return true;
  const puts = step.changes.flatMap((change) => (change.kind === 'put' ? [change.key] : []));
  return new Set(puts).size === puts.length;
}

t.test('drawn stores', async (t) => {
  const folder = temporaryFolder(t);
  const steps = fc.array(storeStep(awkwardKeys).filter(hasEachKeyOnce), { minLength: 3, maxLength: 25 });
  let files = 0;
  const property = fc.asyncProperty(steps, fc.nat(), async (drawn, pick) => {
    const backend = storeAfter(drawn);
    const database = memoryDatabase(backend, '3.5.0');
    const { store } = database;
    const oldest = Math.max(store.compactRev, 1);
    const revs = Array.from({ length: store.currentRev - oldest + 1 }, (_, i) => oldest + i);
    const wanted = contentsOf(store, revs);
    const name = join(folder, String(files++));

    await exportDatabase(database, { file: `${name}.db` });
    const sameIn = async (path: string) =>
      withDatabase(path, async ({ store, origin }) => {
        t.strictSame(contentsOf(store, revs), wanted);
        t.strictSame(origin, { version: '3.5.0' });
      });
    await sameIn(`${name}.db`);
    await importEtcdFile({ file: `${name}.db`, directory: name });
    await sameIn(name);

    const rev = revs[pick % revs.length]!;
    await exportDatabase(database, { file: `${name}-at.db`, rev, leaseTtlSeconds: 77 });
    await withDatabase(`${name}-at.db`, async ({ store: exported, etcdFile }) => {
      t.strictSame(exported.range(ALL).kvs, store.range({ ...ALL, rev }).kvs, 'keys');
      t.match(exported.state, { currentRev: rev, compactRev: rev });
      t.strictSame([...etcdFindings(etcdFile!, { complete: true })], [], 'nothing is found');
      for (const { id, ttlSeconds } of exported.leases.list()) {
        t.equal(ttlSeconds, store.leases.get(id)?.ttlSeconds ?? 77, 'leases that are gone are granted anew');
      }
      if (isPutAgain(store, rev) || rev <= store.compactRev) return;
      const copy = copyOf(backend);
      new Store(copy).compact(rev);
      const compacted = new StoreReader(copy);
      const recordsOf = (of: StoreReader) => [...of.records(0, rev)].map(({ keyBytes }) => keyBytes.toString('hex'));
      t.strictSame(recordsOf(exported), recordsOf(compacted), 'what a compaction leaves');
      t.equal(exported.hash().hash, compacted.hash(rev).hash);
    });
  });
  await fc.assert(property, { numRuns: draws(6, 60) });
});

t.test('etcd’s own files', async (t) => {
  const folder = temporaryFolder(t);
  for (const name of snapshotNames().filter((name) => name !== 'bench-100k')) {
    const path = unpackSnapshot(name, folder);
    const exported = join(folder, `${name}-exported.db`);
    const again = join(folder, `${name}-again.db`);
    await withDatabase(path, async (database) => {
      const { store, etcdFile } = database;
      const revs = [store.compactRev, store.currentRev].filter((rev) => rev > 0);
      const wanted = contentsOf(store, revs);
      const { sizeBytes, records } = await exportDatabase(database, { file: exported });
      t.equal(readFileSync(exported).length, sizeBytes);
      t.equal(records, store.countRecords());
      await withDatabase(exported, async (ofExported) => {
        t.strictSame(contentsOf(ofExported.store, revs), wanted, name);
        t.equal(ofExported.digest, 'ok');
        t.match(ofExported.etcdFile!.survey(), { problems: [], lostPages: 0, pagesByType: { free: 0 } });
        for (const bucket of etcdFile!.bucketNames()) {
          t.strictSame([...ofExported.etcdFile!.entriesOf(bucket)], [...etcdFile!.entriesOf(bucket)]);
        }
        await exportDatabase(ofExported, { file: again });
      });
    });
    t.ok(readFileSync(again).equals(readFileSync(exported)), 'an export of an export is the same file');
  }
});

t.test('a file that is there', async (t) => {
  const folder = temporaryFolder(t);
  const path = unpackSnapshot('fresh-35', folder);
  const file = join(folder, 'there');
  writeFileSync(file, 'precious');
  const stays = () => {
    t.equal(readFileSync(file, 'utf8'), 'precious');
    t.strictSame(readdirSync(folder).sort(), ['fresh-35.db', 'there'], 'nothing is left beside it');
  };
  await withDatabase(path, async (database) => {
    await t.rejects(exportDatabase(database, { file }), { code: 'EXISTS', hint: /--force/ });
    stays();
    const interrupted: OnInterrupt = (handler) => {
      handler('SIGTERM');
      return () => undefined;
    };
    await t.rejects(exportDatabase(database, { file, replace: true, onInterrupt: interrupted }), InterruptedError);
    stays();
    await t.rejects(exportDatabase(database, { file, replace: true, rev: 7 }), { code: 'FUTURE_REVISION' });
    stays();
    await t.rejects(exportDatabase(database, { file: folder, replace: true }), {
      code: 'USAGE',
      message: /a directory/,
    });
    await t.rejects(exportDatabase(database, { file: join(folder, 'none', 'x') }), { code: 'IO', message: /ENOENT/ });
    const link = join(folder, 'link');
    symlinkSync('there', link);
    await t.rejects(exportDatabase(database, { file: link }), { code: 'EXISTS' });
    await exportDatabase(database, { file: link, replace: true });
    t.ok(lstatSync(link).isSymbolicLink(), 'the file behind the link is replaced');
  });
  await withDatabase(file, async ({ digest }) => t.equal(digest, 'ok'));
});

t.test('the database itself, by whatever name, is not written over', async (t) => {
  const folder = temporaryFolder(t);
  const path = unpackSnapshot('fresh-35', folder);
  const before = readFileSync(path);
  linkSync(path, join(folder, 'hard'));
  symlinkSync(path, join(folder, 'soft'));
  for (const file of [path, join(folder, 'hard'), join(folder, 'soft')]) {
    const exporting = withDatabase(path, (database) => exportDatabase(database, { file, replace: true }));
    await t.rejects(exporting, { code: 'USAGE', message: `${file} is the database itself` });
  }
  t.ok(readFileSync(path).equals(before));
  const own = await newDatabase(t, ({ store }) => store.write((txn) => txn.put('a', Buffer.from('1'))));
  for (const name of ['data.mdb', 'lock.mdb']) {
    const exporting = withDatabase(own, (database) =>
      exportDatabase(database, { file: join(own, name), replace: true }),
    );
    await t.rejects(exporting, { code: 'USAGE', message: /is the database itself/ });
  }
});

t.test('what a killed export has left is removed by the next one', async (t) => {
  const folder = temporaryFolder(t);
  const path = unpackSnapshot('fresh-35', folder);
  const names = readdirSync(folder);
  // No process has this id, and the place is this one: see process-mark.ts.
  const [, place] = /^\d+\.\d+\.([0-9a-f]{8})$/.exec(processMark())!;
  writeFileSync(join(folder, `.export-${2 ** 30}.1.${place}-x`), 'half');
  writeFileSync(join(folder, `.export-${processMark()}-x`), 'of one that runs');
  writeFileSync(join(folder, 'defrag.tmp'), 'of somebody else');
  await withDatabase(path, (database) => exportDatabase(database, { file: join(folder, 'new.db') }));
  t.strictSame(readdirSync(folder).sort(), [`.export-${processMark()}-x`, 'defrag.tmp', ...names, 'new.db'].sort());
});
