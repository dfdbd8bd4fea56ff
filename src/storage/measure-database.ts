// Measures who takes the room of a database: its records, and the pages of the file that they lie in.

import { DefragEstimate } from '../bbolt/defrag-size.js';
import type { FileUsage } from '../bbolt/page-usage.js';
import { measureUsage, type Usage, type UsageOptions } from '../inspect/usage/usage.js';
import { CheckedStoreReader, type StoreReader } from '../mvcc/store.js';
import type { Database } from './database.js';
import type { EtcdFile } from './etcd-file.js';
import type { OnDone, OnProgress } from './listener.js';
import type { LmdbBackend } from './lmdb-backend.js';
import type { CommitUsage } from './lmdb-file/page-usage.js';
import { pagesOf } from './lmdb-file/table-record.js';

/** A bucket of an etcd file, or a table of a database of mvccw. */
interface BucketUsage {
  readonly name: string;
  readonly entries: number;
  /** The bytes of keys and values. */
  readonly bytes: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly slackBytes: number;
}

/** Every byte of the file, in parts that add up to its length. */
export interface PageUsage {
  readonly fileBytes: number;
  readonly pageSize: number;
  readonly parts: FileUsage['parts'];
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly buckets: readonly BucketUsage[];
}

/** What is reckoned of the file after the compaction and a defragmentation. */
interface DefragUsage {
  /** The bytes of its pages. */
  readonly bytes: number;
  /** The most that the file may be long: bbolt may make it longer than its pages. */
  readonly fileBytes: number;
}

export interface DatabaseUsage extends Usage {
  readonly path: string;
  readonly ofEtcd: boolean;
  /** One sentence for each thing that is wrong with the list of free pages, which are then not sure. */
  readonly problems: readonly string[];
  readonly pages: PageUsage;
  readonly defrag: DefragUsage;
}

/** Reads all of a database once. Throws USAGE, COMPACTED or FUTURE_REVISION for options, and CORRUPT. */
export function measureDatabase(
  database: Database,
  options: UsageOptions,
  onProgress: OnProgress = () => undefined,
): DatabaseUsage {
  const { path, store, etcdFile, lmdb } = database;
  if (etcdFile !== undefined) return { path, ...measureEtcdFile(etcdFile, options) };
  const onPages: OnDone = (done, total) => onProgress(`measuring ${path}`, done, total);
  return { path, ...measureOwn(store, lmdb!, options, onPages) };
}

type Measured = Omit<DatabaseUsage, 'path'>;

function measureEtcdFile(file: EtcdFile, options: UsageOptions): Measured {
  const estimate = new DefragEstimate(file.boltInfo().pageSize);
  let usage: Usage | undefined;
  const { problems, ...pages } = file.measure(
    (backend) => {
      const store = new CheckedStoreReader(backend);
      usage = measureUsage(store.records(0, store.currentRev), store.state, options, store.keyNumbers);
    },
    (bucket, keyBytes, valueBytes) => estimate.addPair(bucket, keyBytes + valueBytes),
  );
  if (usage === undefined) throw new Error('an etcd file has a bucket of records');
  for (const { name } of pages.buckets) estimate.addBucket(name);
  for (const bytes of usage.compaction.keptSizes()) estimate.addPair('key', bytes);
  const buckets = pages.buckets.map(({ keys, pairBytes, inline: _, ...bucket }) => ({
    ...bucket,
    entries: keys,
    bytes: pairBytes,
  }));
  const { bytes, fileBytes } = estimate.size();
  return {
    ...usage,
    ofEtcd: true,
    problems,
    pages: { ...pages, fileBytes: file.sizeBytes(), buckets },
    defrag: { bytes, fileBytes },
  };
}

function measureOwn(store: StoreReader, lmdb: LmdbBackend, options: UsageOptions, onPages: OnDone): Measured {
  const usage = measureUsage(store.records(0, store.currentRev), store.state, options);
  const commit = lmdb.openGuard.measure(onPages);
  const { keptRecords, keptBytes, deletedRecords, deletedBytes } = usage.compaction;
  const pages = partsOf(commit, keptBytes + deletedBytes);
  const share = {
    key: keptBytes / Math.max(keptBytes + deletedBytes, 1),
    index: keptRecords / Math.max(keptRecords + deletedRecords, 1),
  };
  const bytes = ownDefragBytes(commit, share);
  return { ...usage, ofEtcd: false, problems: [], pages, defrag: { bytes, fileBytes: bytes } };
}

/** Returns the parts of an LMDB file. What rows have beside the records, as their sums, counts as structure. */
function partsOf(commit: CommitUsage, recordBytes: number): PageUsage {
  const { pageSize, metaPages, listPages, freelistPages, freePages, lostPages, pages, tables, fileBytes } = commit;
  const sum = (amount: (table: (typeof tables)[number]) => number) => tables.reduce((n, one) => n + amount(one), 0);
  const usedBytes = (sum(pagesOf) + listPages) * pageSize;
  const otherBytes = sum(({ name, pairBytes }) => (name === 'key' ? 0 : pairBytes));
  const slackBytes = sum((table) => table.slackBytes);
  const behind = Math.max(0, fileBytes - pages * pageSize);
  const missingBytes = Math.max(0, pages * pageSize - fileBytes);
  return {
    fileBytes,
    pageSize,
    parts: {
      meta: { pages: metaPages, bytes: metaPages * pageSize },
      records: { bytes: recordBytes },
      otherBuckets: { bytes: otherBytes },
      structure: { bytes: usedBytes - recordBytes - otherBytes - slackBytes },
      slack: { bytes: slackBytes },
      freelist: { pages: freelistPages, bytes: freelistPages * pageSize },
      free: { pages: freePages, bytes: freePages * pageSize - missingBytes },
      lost: { pages: lostPages, bytes: lostPages * pageSize },
      neverUsed: { pages: Math.floor(behind / pageSize), bytes: behind - (behind % pageSize) },
      stray: { bytes: behind % pageSize },
      digest: { bytes: 0 },
    },
    branchPages: sum(({ branchPages }) => branchPages),
    leafPages: sum(({ leafPages }) => leafPages),
    overflowPages: sum(({ overflowPages }) => overflowPages),
    buckets: tables.map(({ pairBytes, leafSlackBytes: _, ...table }) => ({ ...table, bytes: pairBytes })),
  };
}

/** The share of leaf pages that a defragmentation fills, and the pages that its own list of free pages leads to. */
const OWN_FILL = 0.92;
const OWN_FREE_PAGES = 7;

/** Reckons that records and index shrink in proportion. */
function ownDefragBytes(
  { pageSize, metaPages, listPages, tables }: CommitUsage,
  shares: Readonly<Record<string, number>>,
): number {
  let pages = metaPages + listPages + OWN_FREE_PAGES;
  for (const { name, branchPages, leafPages, overflowPages, leafSlackBytes } of tables) {
    const share = shares[name] ?? 1;
    const bytes = ((branchPages + leafPages) * pageSize - leafSlackBytes) * share;
    pages += Math.ceil(bytes / OWN_FILL / pageSize) + Math.ceil(overflowPages * share);
  }
  return pages * pageSize;
}
