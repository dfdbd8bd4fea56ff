// Counts what a store holds.

import { KeyNumbers } from '../adt/key-numbers.js';
import { NumberColumn } from '../adt/number-column.js';
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
  /** The revision that a restore with --bump-revision wrote, as a record without a key; the newest, if there are several. */
  readonly bumpedTo: number | undefined;
}

export interface StatusOptions {
  /** Whether there is an index to count the keys with. Without one, all records are read. */
  readonly indexed: boolean;
}

export function storeStatus(store: StoreReader, { indexed }: StatusOptions): StoreStatus {
  const { state } = store;
  const { live, deleted, records, bumpedTo } = indexed
    ? { ...store.countKeys(), records: store.countRecords(), bumpedTo: lastOf(store.history(NO_KEY))?.main }
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
    bumpedTo,
  };
}

/** The key of the filler records that `etcdutl snapshot restore --bump-revision` writes. */
const NO_KEY = '';

function lastOf<T>(values: Iterable<T>): T | undefined {
  let last: T | undefined;
  for (const value of values) last = value;
  return last;
}

interface RecordCounts extends KeyCounts {
  readonly records: number;
  readonly bumpedTo: number | undefined;
}

/** Counts records and keys in one pass: each pass over an etcd file reads all of it. */
function countRecords(stored: Iterable<StoredRecord>): RecordCounts {
  const keys = new KeyNumbers();
  const alive = new NumberColumn(Uint8Array);
  let records = 0;
  let live = 0;
  let bumpedTo: number | undefined;
  for (const { key, main, tombstone } of stored) {
    records++;
    if (key === NO_KEY) {
      bumpedTo = main;
      continue;
    }
    const number = keys.add(key);
    live += Number(!tombstone) - alive.at(number);
    alive.set(number, Number(!tombstone));
  }
  return { live, deleted: keys.size - live, records, bumpedTo };
}
