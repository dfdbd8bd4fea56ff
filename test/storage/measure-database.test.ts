import { appendFileSync, copyFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Store } from '../../src/mvcc/store.js';
import { checkDatabase } from '../../src/storage/check-database.js';
import { withDatabase } from '../../src/storage/database.js';
import { LmdbBackend } from '../../src/storage/lmdb-backend.js';
import { type DatabaseUsage, measureDatabase } from '../../src/storage/measure-database.js';
import { awkwardKeys } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';
import { draws } from '../support/random.js';
import { byPrefix, recount } from '../support/recounted-usage.js';
import { importInto, newDatabase, temporaryFolder } from '../support/run-cli.js';
import { expectedOf, snapshotNames, unpackSnapshot } from '../support/snapshots.js';
import { fingerprint } from '../support/untouched.js';

const OPTIONS = { prefix: '', separator: '/', depth: 2, limit: 100 };

const measure = (path: string, options = {}): Promise<DatabaseUsage> =>
  withDatabase(path, async (database) => measureDatabase(database, { ...OPTIONS, ...options }));

/** Checks that the parts of a file come to its length, and returns it. */
function checkParts(t: Test, { pages }: DatabaseUsage, fileBytes?: number): void {
  const parts = Object.entries(pages.parts);
  t.equal(
    parts.reduce((sum, [, { bytes }]) => sum + bytes, 0),
    pages.fileBytes,
    'the parts add up to the file',
  );
  if (fileBytes !== undefined) t.equal(pages.fileBytes, fileBytes);
  t.same(
    parts.filter(([, { bytes }]) => bytes < 0),
    [],
    'no part is negative',
  );
  for (const [name, { pages: count, bytes }] of parts) {
    if (count !== undefined) t.equal(bytes, count * pages.pageSize, name);
  }
}

for (const name of snapshotNames()) {
  const expected = expectedOf(name);
  if (expected === undefined) continue;
  t.test(name, async (t) => {
    const folder = temporaryFolder(t);
    const file = unpackSnapshot(name, folder);
    const before = fingerprint(file);
    const usage = await measure(file);
    const { bolt } = expected;
    const { parts, branchPages, leafPages, overflowPages, buckets } = usage.pages;
    checkParts(t, usage, bolt.fileSize);
    t.same(
      {
        branch: branchPages,
        leaf: leafPages,
        overflow: overflowPages,
        meta: parts.meta.pages,
        free: parts.free.pages,
        freelist: parts.freelist.pages,
      },
      { branch: 0, freelist: 0, ...bolt.pagesByType },
    );
    t.match(parts, {
      lost: { pages: 0 },
      stray: { bytes: 0 },
      digest: { bytes: expected.file.trailingSha256 ? 32 : 0 },
    });
    t.same(
      buckets.map((one) => [one.name, one.entries, one.bytes, one.branchPages, one.leafPages, one.overflowPages]),
      bolt.buckets.map((one) => [
        one.name,
        one.keys,
        one.keyBytes + one.valueBytes,
        one.branchPages,
        one.leafPages,
        one.branchOverflowPages + one.leafOverflowPages,
      ]),
    );
    const key = bolt.buckets.find((bucket) => bucket.name === 'key')!;
    t.equal(parts.records.bytes, key.keyBytes + key.valueBytes);
    const all = expected.gets?.find(({ args }) => args.join(' ') === ' --prefix');
    if (all !== undefined) t.equal(usage.total.liveKeys, (all.result as { count?: number }).count ?? 0, 'live keys');

    await withDatabase(file, async ({ store }) => {
      const records = [...store.records(0, store.currentRev)];
      t.same(usage.total, recount(records));
      const groups = byPrefix(records, OPTIONS);
      t.equal(usage.prefixes.length, groups.size);
      for (const { prefix, ...split } of usage.prefixes) t.same(split, recount(groups.get(prefix)!), prefix);
    });
    t.same(fingerprint(file), before, 'the file is as it was');
  });
}

t.test('an imported file has the same records, and a compaction leaves what was said', async (t) => {
  const folder = temporaryFolder(t);
  const file = unpackSnapshot('small-35', folder);
  const imported = await importInto(t, file, folder);
  const ofFile = await measure(file, { compactAt: 300 });
  const before = await measure(imported, { compactAt: 300 });
  checkParts(t, before);
  t.same({ ...before.total, ...before.churn }, { ...ofFile.total, ...ofFile.churn });
  t.same(before.prefixes, ofFile.prefixes);
  const { keptSizes, ...compaction } = before.compaction;
  const sizes = [...keptSizes()];
  t.same([...ofFile.compaction.keptSizes()], sizes);
  t.match(ofFile.compaction, compaction);

  const backend = new LmdbBackend(imported);
  new Store(backend).compact(300);
  backend.close();
  const after = await measure(imported);
  checkParts(t, after);
  t.same([...(await measure(imported, { compactAt: 300 })).compaction.keptSizes()], sizes);
  t.equal(after.compaction.keptRecords + after.compaction.deletedRecords, compaction.keptRecords);
  t.equal(after.pages.parts.records.bytes, compaction.keptBytes);
});

// The server of this snapshot was defragmented later, and then stopped: the other file is what it left.
t.test('etcd’s defragmentation makes as many pages as was said', async (t) => {
  const folder = temporaryFolder(t);
  const before = await measure(unpackSnapshot('medium-35-compacted', folder), { compactAt: 1691 });
  const after = await measure(unpackSnapshot('live-medium-35-defrag', folder), { compactAt: 1691 });
  t.equal(before.compaction.deletedRecords, 0);
  t.equal(before.defrag.bytes, after.pages.fileBytes - after.pages.parts.neverUsed.bytes);
  t.equal(before.defrag.fileBytes, after.pages.fileBytes);
  t.same(before.defrag, after.defrag);
});

t.test('a file that was cut short, or to which something was added', async (t) => {
  const folder = temporaryFolder(t);
  const whole = unpackSnapshot('live-small-35', folder);
  const endOfPages = 102_400;
  const variant = async (name: string, change: (path: string) => void): Promise<DatabaseUsage> => {
    const path = join(folder, name);
    copyFileSync(whole, path);
    truncateSync(path, endOfPages);
    change(path);
    const usage = await measure(path);
    checkParts(t, usage);
    return usage;
  };
  t.match((await variant('whole', () => undefined)).pages.parts, { neverUsed: { pages: 0 }, stray: { bytes: 0 } });
  const stray = await variant('stray', (path) => appendFileSync(path, Buffer.alloc(33)));
  t.match(stray.pages.parts, { stray: { bytes: 33 }, digest: { bytes: 0 } });
  const grown = await variant('grown', (path) => truncateSync(path, endOfPages + 3 * 4096 + 7));
  t.match(grown.pages.parts, { neverUsed: { pages: 3, bytes: 3 * 4096 }, stray: { bytes: 7 } });
});

t.test('the parts of any database of ours add up to its file', async (t) => {
  const write = fc.record({ key: awkwardKeys, size: fc.oneof(fc.nat(100), fc.constantFrom(1900, 2100, 5000, 9000)) });
  const property = fc.asyncProperty(fc.array(write, { maxLength: 30 }), fc.nat(30), async (writes, compactAt) => {
    const path = await newDatabase(t, ({ store }) => {
      for (const { key, size } of writes) store.write((txn) => txn.put(key, Buffer.alloc(size)));
      if (compactAt > 0 && compactAt <= store.currentRev) store.compact(compactAt);
    });
    const usage = await measure(path);
    checkParts(t, usage);
    t.match(usage.pages.parts, { lost: { pages: 0 }, stray: { bytes: 0 } });
    t.equal(
      usage.pages.buckets.find(({ name }) => name === 'key')?.entries,
      usage.total.liveRecords + usage.total.oldRecords,
    );
  });
  await fc.assert(property, { numRuns: draws(5, 100) });
});

t.test('a database of mvccw: how far the reading of records, pages and sums has come is told', async (t) => {
  const folder = temporaryFolder(t);
  const directory = await importInto(t, unpackSnapshot('small-35', folder), folder);
  const told = new Map<string, { done: number; total: number }>();
  const onProgress = (work: string, done: number, total: number) => {
    t.ok(done >= (told.get(work)?.done ?? 0) && done <= total, `${work}: ${done} of ${total}`);
    told.set(work, { done, total });
  };
  await withDatabase(directory, async (database) => measureDatabase(database, OPTIONS, onProgress));
  t.match(await checkDatabase(directory, () => undefined, { onProgress }), { findings: 0 });
  for (const work of ['measuring', 'checking the pages of', 'checking the sums of']) {
    const { done, total } = told.get(`${work} ${directory}`) ?? { done: 0, total: 0 };
    t.ok(done > total / 2, `${work}: ${done} of ${total}`);
  }
});
