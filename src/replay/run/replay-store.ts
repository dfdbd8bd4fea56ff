// What a replay runs on: a store that stands at a revision, commits what comes next, and can be compacted, restored
// and restarted.

import type { RangeRequest, RangeResult } from '../../mvcc/range.js';
import type { StoredRecord, WatchEvent } from '../../mvcc/record.js';
import type { WatchableHistory } from '../../watch/watchable-history.js';

export interface Commit {
  readonly revision: number;
  readonly events: readonly WatchEvent[];
}

export interface ReplayStore extends WatchableHistory {
  range(request: RangeRequest): RangeResult;
  readonly hasNext: boolean;
  /** Commits the next transaction; undefined at the end of the history. */
  commitNext(): Commit | undefined;
  /** Throws COMPACTED or FUTURE_REVISION. */
  compact(revision: number): void;
  /** As by a leader's snapshot of the same data. */
  restore(): void;
  /** Throws USAGE where it cannot be told what a process killed in a compaction leaves. */
  restart(cutShort: boolean): void;
}

/** A replay's store, and the whole history to check against. */
export interface OpenedReplay {
  readonly store: ReplayStore;
  readonly history: CheckHistory;
  /** The history is one that a store has left; else the scenario writes it. */
  readonly recorded: boolean;
}

/**
 * All that has been committed, and perhaps what will be. It may grow while it is checked, and it may go back to a lower
 * revision when every watch has ended.
 */
export interface CheckHistory {
  readonly currentRev: number;
  /** Below it records may be missing, so that nothing is checked there. */
  readonly compactRev: number;
  records(fromMain: number, toMain: number): Iterable<StoredRecord>;
  range(request: RangeRequest): RangeResult;
}
