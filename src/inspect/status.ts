// Counts what a store holds.

import type { KeyCounts } from '../mvcc/key-index.js';
import type { StoredRecord } from '../mvcc/record.js';
import type { StoreReader } from '../mvcc/store.js';
import type { StoreState } from '../mvcc/store-state.js';

export interface StoreStatus extends StoreState {
  /** The oldest revision that can be read, and that a watcher can start from. */
  readonly oldestRev: number;
  /** Whether a compaction was scheduled and has not been finished. */
  readonly compactionCutShort: boolean;
  readonly records: number;
  readonly liveKeys: number;
  /** The number of keys that end in a tombstone which compaction has not removed yet. */
  readonly deletedKeys: number;
  readonly leases: number;
}

export interface StatusOptions {
  /** Whether there is an index to count the keys with. Without one, all records are read. */
  readonly indexed: boolean;
}

export function storeStatus(store: StoreReader, { indexed }: StatusOptions): StoreStatus {
  const { state } = store;
  const { live, deleted, records } = indexed
    ? { ...store.countKeys(), records: store.countRecords() }
    : countRecords(store.records(0, state.currentRev));
  let leases = 0;
  for (const _ of store.leases.list()) leases++;
  return {
    oldestRev: Math.max(state.compactRev, 1),
    ...state,
    compactionCutShort: (state.scheduledCompactRev ?? 0) > (state.finishedCompactRev ?? 0),
    records,
    liveKeys: live,
    deletedKeys: deleted,
    leases,
  };
}

/** The key of the filler records that `etcdutl snapshot restore --bump-revision` writes. */
const NO_KEY = '';

/** Counts records and keys in one pass: each pass over an etcd file reads all of it. */
function countRecords(stored: Iterable<StoredRecord>): KeyCounts & { records: number } {
  const isLive = new Map<string, boolean>();
  let records = 0;
  for (const record of stored) {
    isLive.set(record.key, !record.tombstone);
    records++;
  }
  isLive.delete(NO_KEY);
  let live = 0;
  for (const alive of isLive.values()) if (alive) live++;
  return { live, deleted: isLive.size - live, records };
}
