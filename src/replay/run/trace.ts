// A trace is what a replay tells, entry by entry, in order of time.

import type { WatchEvent } from '../../mvcc/record.js';
import type { DeliveredEvent } from '../../watch/prev-kv.js';
import type { ProgressOutcome } from '../../watch/server-stream.js';
import type { GroupChange } from '../../watch/watch-observer.js';
import type { Via } from '../../watch/watcher.js';
import type { CacheClientChange, CacheSummary } from './cache/cache-summary.js';
import type { MetricValues } from './watch-metrics.js';

export type { DeliveredEvent } from '../../watch/prev-kv.js';

/** The time of an entry, and where the store stood then. */
export interface Moment {
  readonly timeUs: number;
  readonly currentRev: number;
  readonly compactRev: number;
}

/** A response, at the moment when a consumer takes it. */
export interface Delivery extends Moment {
  readonly kind: 'response';
  /** The time when the response was put into the stream. */
  readonly sentUs: number;
  /** The watcher's name; `*` when the response speaks for all watchers of the stream. */
  readonly watcher: string;
  readonly stream: string;
  readonly via: Via;
  /** The store's revision in the response's header; 0 in a cancel. */
  readonly revision: number;
  /** Where the window begins, in a cancel; else 0. */
  readonly compactRevision: number;
  readonly events: readonly DeliveredEvent[];
  /** The number of messages in which the server sent it; more than one only to a watcher with `fragment`. */
  readonly messages: number;
  /** The bytes of its largest message, as the server sends it. */
  readonly bytes: number;
}

/** A message with a part of a response. The last part has no entry of its own: it comes with the response. */
export interface FragmentEntry extends Moment {
  readonly kind: 'fragment';
  readonly watcher: string;
  readonly stream: string;
  readonly revision: number;
  /** The number of events in the message. */
  readonly events: number;
}

/** The server's answer to a client that asked for a watcher, or for its end. */
export interface AnswerEntry extends Moment {
  readonly kind: 'answer';
  readonly watcher: string;
  readonly stream: string;
  /** A refused watcher is created and cancelled in one answer, as all below revision 1 counts as compacted. */
  readonly what: 'created' | 'cancelled' | 'refused';
  /** The store's revision in the answer's header. */
  readonly revision: number;
}

/** A watcher changed its group, or could not. */
export interface GroupEntry extends GroupChange, Moment {
  readonly kind: 'group';
  readonly watcher: string;
  /** The next revision that the watcher needs. */
  readonly minRev: number;
  /** The number of the sync pass in which it happened, from 1; undefined outside of one. */
  readonly pass: number | undefined;
}

export interface PassEntry extends Moment {
  readonly kind: 'pass';
  readonly pass: number;
  /** The names of the watchers that the pass looked at. */
  readonly chosen: readonly string[];
  /** The revision from which the pass read; undefined when it had nothing to read for. */
  readonly minRev: number | undefined;
  /** The time for which the pass kept the store busy. */
  readonly costUs: number;
}

export interface CommitEntry extends Moment {
  readonly kind: 'commit';
  readonly revision: number;
  readonly events: readonly WatchEvent[];
}

/** The outcome of a progress request that was not answered at once. */
export type ActionOutcome = Exclude<ProgressOutcome, 'answered'> | 'notConnected';

/** A restore from a backup. */
export interface Restored {
  readonly backupRev: number;
  /** The newest revision after the restore: that of the backup, or a bumped one. */
  readonly revision: number;
}

/** Something that the scenario made happen. */
export interface ActionEntry extends Moment {
  readonly kind: 'action';
  readonly action: string;
  /** The message with which etcd refused the action, if it did. */
  readonly error?: string | undefined;
  readonly outcome?: ActionOutcome | undefined;
  /** Where the store stands after its restore from a backup, and the revision of the backup. */
  readonly restored?: Restored | undefined;
}

/**
 * A client lost its connection, came back, cancelled a watcher while it had no connection, or listed what is there after
 * a compaction.
 */
export interface ClientEntry extends Moment {
  readonly kind: 'client';
  readonly watcher: string;
  readonly what: 'disconnected' | 'cancelled' | 'resumed' | 'relisted';
  /** The revision from which the client goes on; undefined when it does not. */
  readonly startRev: number | undefined;
}

/** A client of an apiserver's watch cache came, was cut off, came back, or left. */
export interface CacheClientEntry extends Moment {
  readonly kind: 'cacheClient';
  /** The watcher whose events the cache has. */
  readonly watcher: string;
  readonly client: string;
  readonly what: CacheClientChange;
  /** The revision up to which the client has seen everything. */
  readonly revision: number;
}

/** The replay has ended, because it was told to stop here or because nothing more can happen. */
export interface EndEntry extends Moment {
  readonly kind: 'end';
  /** The time from which on nothing could happen. */
  readonly activeUntilUs: number;
  readonly streams: readonly {
    readonly stream: string;
    /** The number of responses that nobody has taken. */
    readonly queued: number;
    /** The most responses that ever waited. */
    readonly peakQueued: number;
    /** The most bytes that its events held: in the stream, and of victims that wait for it. */
    readonly peakBytes: number;
  }[];
  readonly metrics: { readonly atEnd: MetricValues; readonly peak: MetricValues };
  /** The time when pending events held the most. */
  readonly memoryPeakUs: number;
  /** The watch caches of apiservers; absent when there is none. */
  readonly caches?: readonly CacheSummary[] | undefined;
}

export type TraceEntry =
  | EndEntry
  | Delivery
  | FragmentEntry
  | AnswerEntry
  | GroupEntry
  | PassEntry
  | CommitEntry
  | ActionEntry
  | ClientEntry
  | CacheClientEntry;
