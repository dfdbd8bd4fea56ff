// What a replay runs on: a store that stands at a revision, commits what comes next, and can be compacted, restored
// and restarted.

import type { RangeRequest, RangeResult } from '../mvcc/range.js';
import type { WatchEvent } from '../mvcc/record.js';
import type { WatchableHistory } from '../watch/watch-engine.js';

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
