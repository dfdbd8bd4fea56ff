// What an engine tells whoever listens: each change of a watcher's group with its reason.

import type { Group, Watcher } from './watcher.js';

/** Why a watcher is where it is now. */
export type Because =
  /** It was started: synced when it only wants what is yet to come. */
  | 'started'
  /** Its stream had no room for a response. */
  | 'streamFull'
  /** A victim's response found room. */
  | 'delivered'
  /** A sync pass has sent it everything up to the current revision. */
  | 'caughtUp'
  /** A sync pass found nothing for it. */
  | 'nothingToRead'
  /** Its next revision is compacted, and its cancel is in the stream. */
  | 'compacted'
  /** The same, but it stays unsynced and will be cancelled again: etcd issue 22294. */
  | 'compactedButKept'
  /** Its next revision is compacted, but its stream had no room for the cancel; the next pass tries again. */
  | 'cancelDelayed'
  /** The same in an older release, which takes it as synced: its events are lost, etcd issue 17529. */
  | 'lostToCompaction'
  /** The store was restored from a snapshot, so it has to look again. */
  | 'restored'
  /** Its client cancelled it. */
  | 'cancelled'
  /** The connection of its client broke. */
  | 'disconnected';

/** The reasons that end a watcher which compaction has not removed. */
export type EndedBy = Extract<Because, 'cancelled' | 'disconnected'>;

export interface GroupChange {
  /** Undefined when it was just started. */
  readonly from: Group | undefined;
  readonly to: Group;
  readonly because: Because;
}

/** What a sync pass looks at. */
export interface SyncPass {
  readonly chosen: readonly Watcher[];
  /** The lowest revision that a chosen watcher needs; undefined when all were cancelled. */
  readonly minRev: number | undefined;
  readonly currentRev: number;
}

export interface WatchObserver {
  onGroupChange?(watcher: Watcher, change: GroupChange): void;
}
