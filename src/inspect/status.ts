// What a store holds, in numbers.

import type { StoreReader } from '../mvcc/store.js';
import type { StoreState } from '../mvcc/store-state.js';

export interface StoreStatus extends StoreState {
  /** The window's lower end: what can be read, and what a watcher can start from. */
  readonly oldestRev: number;
  /** A compaction was scheduled that has not been carried to its end. */
  readonly compactionCutShort: boolean;
  readonly records: number;
  readonly liveKeys: number;
  /** Keys that end in a tombstone that compaction has not taken yet. */
  readonly deletedKeys: number;
  readonly leases: number;
}

export function storeStatus(store: StoreReader): StoreStatus {
  const { state } = store;
  const { live, deleted } = store.countKeys();
  let leases = 0;
  for (const _ of store.leases.list()) leases++;
  return {
    ...state,
    oldestRev: Math.max(state.compactRev, 1),
    compactionCutShort: (state.scheduledCompactRev ?? 0) > (state.finishedCompactRev ?? 0),
    records: store.countRecords(),
    liveKeys: live,
    deletedKeys: deleted,
    leases,
  };
}
