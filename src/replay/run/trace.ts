// What a replay tells, entry by entry, in order of time.

import type { WatchEvent } from '../../mvcc/record.js';
import type { DeliveredEvent } from '../../watch/prev-kv.js';
import type { ProgressOutcome } from '../../watch/server-stream.js';
import type { GroupChange } from '../../watch/watch-observer.js';
import type { Via } from '../../watch/watcher.js';
import type { MetricValues } from './watch-metrics.js';

export type { DeliveredEvent } from '../../watch/prev-kv.js';

/** When an entry came about, and where the store stood then. */
export interface Moment {
  readonly timeUs: number;
  readonly currentRev: number;
  readonly compactRev: number;
}

/** One response, at the moment when a consumer takes it. */
export interface Delivery extends Moment {
  readonly kind: 'response';
  /** When it was put into the stream. */
  readonly sentUs: number;
  /** `*` when it speaks for all watchers of the stream. */
  readonly watcher: string;
  readonly stream: string;
  readonly via: Via;
  /** The store's revision in the response's header; 0 in a cancel. */
  readonly revision: number;
  /** Above 0 in a cancel: where the window begins. */
  readonly compactRevision: number;
  readonly events: readonly DeliveredEvent[];
  /** In how many messages the server sent it: more than one only to a watcher with `fragment`. */
  readonly messages: number;
}

/** A message that holds a part of a response; the last part comes with the response. */
export interface FragmentEntry extends Moment {
  readonly kind: 'fragment';
  readonly watcher: string;
  readonly stream: string;
  readonly revision: number;
  /** How many events it holds. */
  readonly events: number;
}

/** The server's answer to a client that asked for a watcher, or for its end. */
export interface AnswerEntry extends Moment {
  readonly kind: 'answer';
  readonly watcher: string;
  readonly stream: string;
  /** Refused: created and cancelled in one, as all below revision 1 counts as compacted. */
  readonly what: 'created' | 'cancelled' | 'refused';
  /** The store's revision in the answer's header. */
  readonly revision: number;
}

/** A watcher has changed its group, or could not. */
export interface GroupEntry extends GroupChange, Moment {
  readonly kind: 'group';
  readonly watcher: string;
  /** The next revision that the watcher needs. */
  readonly minRev: number;
  /** The sync pass it happened in, from 1; undefined outside of one. */
  readonly pass: number | undefined;
}

export interface PassEntry extends Moment {
  readonly kind: 'pass';
  readonly pass: number;
  /** The names of the watchers it looked at. */
  readonly chosen: readonly string[];
  /** From where it read; undefined when there was nothing to read for. */
  readonly minRev: number | undefined;
  /** How long it kept the store busy. */
  readonly costUs: number;
}

export interface CommitEntry extends Moment {
  readonly kind: 'commit';
  readonly revision: number;
  readonly events: readonly WatchEvent[];
}

/** What became of a progress request that was not answered at once. */
export type ActionOutcome = Exclude<ProgressOutcome, 'answered'> | 'notConnected';

/** Something that the scenario made happen. */
export interface ActionEntry extends Moment {
  readonly kind: 'action';
  readonly action: string;
  /** How etcd refused it, if it did. */
  readonly error?: string | undefined;
  readonly outcome?: ActionOutcome | undefined;
}

/** A client has lost its connection, has cancelled a watcher before it had a new one, or is back. */
export interface ClientEntry extends Moment {
  readonly kind: 'client';
  readonly watcher: string;
  readonly what: 'disconnected' | 'cancelled' | 'resumed';
  /** Where it resumes; else undefined. */
  readonly startRev: number | undefined;
}

/** The replay was told to stop here, or nothing more can happen. */
export interface EndEntry extends Moment {
  readonly kind: 'end';
  /** Nothing could happen from here on. */
  readonly activeUntilUs: number;
  readonly streams: readonly {
    readonly stream: string;
    /** Responses that nobody has taken. */
    readonly queued: number;
    /** The most there ever were. */
    readonly peakQueued: number;
  }[];
  readonly metrics: { readonly atEnd: MetricValues; readonly peak: MetricValues };
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
  | ClientEntry;
