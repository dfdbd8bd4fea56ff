// Writes the buckets of an exported file, in the order of their names.

import type { BoltWriter } from '../bbolt/bolt-writer.js';
import { KeySpace } from '../inspect/export/key-space.js';
import { metaEntries } from '../inspect/export/meta-bucket.js';
import { leaseEntry, NamedLeases } from '../inspect/export/named-leases.js';
import type { Entry } from '../mvcc/backend.js';
import type { StoreReader } from '../mvcc/store.js';
import type { Database } from './database.js';
import type { Pause } from './interruption.js';

/** What is exported. */
export interface ExportedPart {
  /** The revision of the key space; undefined for the whole window. */
  readonly rev?: number | undefined;
  /** The TTL with which leases are granted anew that records of the key space name and that are gone since. */
  readonly leaseTtlSeconds?: number | undefined;
}

export interface ExportedCounts {
  readonly records: number;
  readonly leases: number;
  /** The leases among them that were granted anew, and the keys that name them. */
  readonly grantedLeases: number;
  readonly keysOfGrantedLeases: number;
}

/** The buckets that each file of etcd has. One of a later etcd may have others beside them. */
const BUCKETS = [
  'alarm',
  'auth',
  'authRoles',
  'authUsers',
  'cluster',
  'key',
  'lease',
  'members',
  'members_removed',
  'meta',
];

export const DEFAULT_LEASE_TTL_SECONDS = 3600;

/** The number of records, or of leases, between two pauses. */
const PAUSE_ENTRIES = 1000;

export async function writeBuckets(
  database: Database,
  part: ExportedPart,
  writer: BoltWriter,
  pause: Pause,
): Promise<ExportedCounts> {
  const { store, etcdFile } = database;
  const { rev, leaseTtlSeconds = DEFAULT_LEASE_TTL_SECONDS } = part;
  const named = rev === undefined ? undefined : new NamedLeases(store.leases, leaseTtlSeconds);
  let records = 0;
  let leases = 0;
  const names = new Set([...BUCKETS, ...(etcdFile?.bucketNames() ?? [])]);
  for (const name of [...names].sort((a, b) => (a < b ? -1 : 1))) {
    writer.beginBucket(name);
    if (name === 'key') {
      records = await writeRecords(database, part, writer, named, pause);
    } else if (name === 'lease') {
      for (const lease of named?.leases() ?? store.leases.list()) {
        const { key, value } = leaseEntry(lease);
        writer.put(key, value);
        if (++leases % PAUSE_ENTRIES === 0) await pause();
      }
    } else {
      for (const { key, value } of entriesBeside(database, name, rev)) writer.put(key, value);
    }
  }
  const { granted = 0, keysOfGranted = 0 } = named ?? {};
  return { records, leases, grantedLeases: granted, keysOfGrantedLeases: keysOfGranted };
}

/** Writes the records of the whole window, or those of the key space; returns how many. */
async function writeRecords(
  { store }: Database,
  { rev }: ExportedPart,
  writer: BoltWriter,
  named: NamedLeases | undefined,
  pause: Pause,
): Promise<number> {
  const lastRev = rev ?? store.currentRev;
  const isChosen = rev === undefined ? () => true : await choiceAt(store, rev, pause);
  let seen = 0;
  let written = 0;
  for (const record of store.records(0, lastRev)) {
    if (isChosen(seen)) {
      named?.observe(record);
      writer.put(record.keyBytes, record.valueBytes);
      written++;
    }
    if (++seen % PAUSE_ENTRIES === 0) await pause();
  }
  return written;
}

/** Reads the records up to a revision, and chooses its key space. */
async function choiceAt(store: StoreReader, rev: number, pause: Pause): Promise<(index: number) => boolean> {
  const keySpace = new KeySpace(rev);
  let seen = 0;
  for (const record of store.records(0, rev)) {
    keySpace.observe(record);
    if (++seen % PAUSE_ENTRIES === 0) await pause();
  }
  return keySpace.choice();
}

/** Yields the entries of a bucket that has neither records nor leases. */
function entriesBeside(
  { etcdFile, backend, store, origin }: Database,
  name: string,
  rev: number | undefined,
): Iterable<Entry> {
  if (name === 'meta') {
    const ofEtcd = etcdFile !== undefined;
    return metaEntries(backend.tables.meta, { ofEtcd, newestRev: rev ?? store.currentRev, compactedAt: rev });
  }
  if (etcdFile !== undefined) return etcdFile.entriesOf(name);
  if (name !== 'cluster' || origin?.version === undefined) return [];
  return [{ key: Buffer.from('clusterVersion'), value: Buffer.from(origin.version) }];
}
