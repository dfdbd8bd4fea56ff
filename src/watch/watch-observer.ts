// An observer hears from the engine of each change of a watcher's group, with the reason.

import type { WatchEvent } from '../mvcc/record.js';
import type { Group, Watcher } from './watcher.js';

/** The reason why a watcher is in its group. */
export type Because =
  /** The watcher was started: synced when it only wants what is yet to come. */
  | 'started'
  /** The stream had no room for a response. */
  | 'streamFull'
  /** The response of a victim found room. */
  | 'delivered'
  /** A sync pass has sent the watcher everything up to the current revision. */
  | 'caughtUp'
  /** A sync pass found nothing for the watcher. */
  | 'nothingToRead'
  /** The watcher's next revision is compacted, and its cancel is in the stream. */
  | 'compacted'
  /** The same, but the watcher stays unsynced and will be cancelled again (etcd issue 22294). */
  | 'compactedButKept'
  /** The watcher's next revision is compacted, but the stream had no room for the cancel. The next pass tries again. */
  | 'cancelDelayed'
  /**
   * The same in an older release, which takes the watcher as synced, so that its events are lost (etcd issue 17529).
   */
  | 'lostToCompaction'
  /** The store was restored from a snapshot, so that the watcher has to look again. */
  | 'restored'
  /** The client cancelled the watcher. */
  | 'cancelled'
  /** The client's connection broke. */
  | 'disconnected';

/** The reasons that end a watcher, other than compaction. */
export type EndedBy = Extract<Because, 'cancelled' | 'disconnected'>;

export interface GroupChange {
  /** The group before; undefined for a watcher that was just started. */
  readonly from: Group | undefined;
  readonly to: Group;
  readonly because: Because;
}

/** A sync pass, by what it looks at. */
export interface SyncPass {
  readonly chosen: readonly Watcher[];
  /** The lowest revision that a chosen watcher needs; undefined when all of them are compacted. */
  readonly minRev: number | undefined;
  readonly currentRev: number;
}

export interface WatchObserver {
  onGroupChange?(watcher: Watcher, change: GroupChange): void;
  /** A sync pass has made its batches. `bytes` are those of their events, each counted once. */
  onBatches?(bytes: number): void;
  /** A victim's batch is held, since its stream was full. */
  onHeld?(watcher: Watcher, events: readonly WatchEvent[]): void;
  /** A victim's batch was sent, or its watcher has ended. */
  onReleased?(watcher: Watcher, events: readonly WatchEvent[]): void;
}
