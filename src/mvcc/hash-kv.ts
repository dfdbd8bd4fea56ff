// hashKV, as in etcd's hash.go: CRC-32C over "key" and the raw bytes of each record that a member with the same window
// holds, however far its compaction has come.

import { crc32c } from '../bytes/crc32c.js';
import { KeepSet } from './keep-set.js';
import type { StoredRecord } from './record.js';
import type { Revision } from './revision.js';
import type { StoreBehaviours } from './store-behaviour.js';

export interface KeyValueHash {
  readonly hash: number;
  /** The compact revision that the hash is for; -1 before any compaction. */
  readonly compactRevision: number;
  /** The last revision whose records count. */
  readonly revision: number;
}

const SEED = crc32c(Buffer.from('key'));

/** Which record of each key a compaction at the last revision would keep. */
export interface Kept {
  readonly isEmpty: boolean;
  holds(key: string, revision: Revision): boolean;
}

/** Skips what the compaction at `compactRev` deletes, so that it does not matter how far that compaction has come. */
export class KeyValueHasher {
  private crc = SEED;

  constructor(
    private readonly compactRev: number,
    private readonly keep: Kept,
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

  /** Goes on as one that has come to this sum. */
  goOnFrom(sum: number): void {
    this.crc = sum;
  }
}

/**
 * Returns hashKV at `revision`. `records` yields the records up to that revision in order, and is read twice. Throws
 * CORRUPT for a record that cannot be read: the hash needs its bytes only, but a hash of damage is of no use.
 */
export function hashRecords(
  records: () => Iterable<StoredRecord>,
  revision: number,
  compactRev: number,
  behaviours: StoreBehaviours,
): number {
  const keep = new KeepSet(revision, behaviours.has('tombstoneAtCompactRev') ? 'dropped' : 'uncounted');
  for (const record of records()) keep.observe(record.key, record);
  const hasher = new KeyValueHasher(compactRev, keep);
  for (const record of records()) hasher.write(record);
  return hasher.sum();
}

const STORED_HASHES = 10;

/** The hashes that compactions store. The ten of the highest revisions are kept. */
export class HashStorage {
  private hashes: KeyValueHash[] = [];

  store(hash: KeyValueHash): void {
    this.hashes = [...this.hashes, hash].sort((a, b) => a.revision - b.revision).slice(-STORED_HASHES);
  }

  at(revision: number): KeyValueHash | undefined {
    return this.hashes.find((hash) => hash.revision === revision);
  }
}
