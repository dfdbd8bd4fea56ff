// A replay runs on a store that stands at a revision, commits what comes next, and can be compacted, restored and
// restarted.

import type { History } from '../../mvcc/history.js';
import type { WatchEvent } from '../../mvcc/record.js';

export interface Commit {
  readonly revision: number;
  readonly events: readonly WatchEvent[];
}

/** A restore from a backup, as `etcdutl snapshot restore` makes it. */
export interface Backup {
  /** The revision of the backup. */
  readonly revision: number;
  /** The number by which the newest revision is raised, with an empty record. */
  readonly bumpRevision: number;
  /** Whether all below the newest revision is marked as compacted. */
  readonly markCompacted: boolean;
}

export interface ReplayStore extends History {
  readonly hasNext: boolean;
  /** The revision that the next commit has in the history; undefined at its end. */
  readonly nextRev: number | undefined;
  /** Commits the next transaction that changes something and returns it; undefined at the end of the history. */
  commitNext(): Commit | undefined;
  /** Compacts at a revision. Throws COMPACTED or FUTURE_REVISION. */
  compact(revision: number): void;
  /** Restores the store, as from a leader's snapshot of the same data. */
  restore(): void;
  /** Restarts the store. Throws USAGE when it cannot tell what a process that was killed in a compaction leaves. */
  restart(cutShort: boolean): void;
  /**
   * Throws COMPACTED or FUTURE_REVISION if no backup of the revision can be had, and USAGE if its bump leaves too few
   * revisions for what is still to be written.
   */
  checkBackup(backup: Backup): void;
  /** Restores the store from an older backup. What came after that is lost, and later commits have other revisions. */
  restoreBackup(backup: Backup): void;
}

/** A replay's store, with the whole history to check against. */
export interface OpenedReplay {
  readonly store: ReplayStore;
  /**
   * Holds all that has been committed, and perhaps what will be. It may grow while it is checked, and it may go back to
   * a lower revision when every watch has ended.
   */
  readonly history: History;
  /** The histories that ended in a restore from a backup, in order; absent when none can. */
  readonly past?: readonly History[];
  /** Whether the history is one that a store has left; else the scenario writes it. */
  readonly recorded: boolean;
}
