// hashKV, as etcd's hash.go takes it: CRC-32C over "key" and the raw bytes of each record that a member with the same
// window would hold, compacted or not yet.

import { crc32c } from '../bytes/crc32c.js';
import { KeepSet } from './keep-set.js';
import type { StoredRecord } from './record.js';
import type { StoreBehaviours } from './store-behaviour.js';

export interface KeyValueHash {
  readonly hash: number;
  /** The compaction that the hash knows of; -1 before any. */
  readonly compactRevision: number;
  /** The revision up to which records count. */
  readonly revision: number;
}

const SEED = crc32c(Buffer.from('key'));

/** Skips what compaction at `compactRev` drops, so that it does not matter how far that compaction has come. */
export class KeyValueHasher {
  private crc = SEED;

  constructor(
    private readonly compactRev: number,
    private readonly keep: KeepSet,
  ) {}

  write(record: StoredRecord): void {
    if (record.main <= this.compactRev) {
      if (record.main === this.compactRev && record.tombstone) return;
      if (!this.keep.isEmpty && !this.keep.holds(record.key, record)) return;
    }
    this.crc = crc32c(record.valueBytes, crc32c(record.keyBytes, this.crc));
  }

  sum(): number {
    return this.crc;
  }
}

/**
 * hashKV at `revision`; `records` gives those up to that revision in order, and is read twice. Throws CORRUPT for one
 * that cannot be read, though the hash takes its bytes alone: nobody wants the hash of damage.
 */
export function hashRecords(
  records: () => Iterable<StoredRecord>,
  revision: number,
  compactRev: number,
  behaviours: StoreBehaviours,
): number {
  const keep = new KeepSet(revision, behaviours.has('tombstoneAtCompactRev') ? 'dropped' : 'uncounted');
  for (const record of records()) keep.observe(record.keyValue().key, record);
  const hasher = new KeyValueHasher(compactRev, keep);
  for (const record of records()) hasher.write(record);
  return hasher.sum();
}

const STORED_HASHES = 10;

/** The hashes that compactions leave behind; the ten of the highest revisions stay. */
export class HashStorage {
  private hashes: KeyValueHash[] = [];

  store(hash: KeyValueHash): void {
    this.hashes = [...this.hashes, hash].sort((a, b) => a.revision - b.revision).slice(-STORED_HASHES);
  }

  at(revision: number): KeyValueHash | undefined {
    return this.hashes.find((hash) => hash.revision === revision);
  }
}
