// hashKV, as in etcd's hash.go: CRC-32C over "key" and the raw bytes of each record that a member with the same window
// holds, however far its compaction has come.

import type { KeyNumbers } from '../adt/key-numbers.js';
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

/** Reads the records up to a revision, in order. */
type Records = () => Iterable<StoredRecord>;

/** What a hash is of. */
interface HashedWindow {
  readonly revision: number;
  readonly compactRev: number;
  readonly behaviours: StoreBehaviours;
  /** The numbers of keys, where others have given them some. */
  readonly numbers?: KeyNumbers | undefined;
}

/** Returns a hasher for the records up to a revision. Only where something was compacted are they read before. */
export function hasherOf(
  records: Records,
  { revision, compactRev, behaviours, numbers }: HashedWindow,
): KeyValueHasher {
  const keep = new KeepSet(revision, behaviours.has('tombstoneAtCompactRev') ? 'dropped' : 'uncounted', numbers);
  if (compactRev >= 0) for (const record of records()) keep.observe(record.key, record);
  return new KeyValueHasher(compactRev, keep);
}

/**
 * Returns hashKV of the records up to a revision. Throws CORRUPT for a record that cannot be read: the hash needs its
 * bytes only, but a hash of damage is of no use.
 */
export function hashRecords(records: Records, window: HashedWindow): number {
  const hasher = hasherOf(records, window);
  const isRead = window.compactRev >= 0;
  for (const record of records()) {
    if (!isRead) void record.key;
    hasher.write(record);
  }
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
