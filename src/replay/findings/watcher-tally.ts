// The tally of a watcher while a replay runs, and what of it the summary tells.

import { AscendingList } from '../../adt/ascending-list.js';
import { streamOf, type WatchSpec } from '../../requests/watch-spec.js';
import type { Group } from '../../watch/watcher.js';
import type { EventName } from '../run/event-name.js';
import type { Lane, TimelineStep } from './timeline.js';

export interface WatcherSummary {
  readonly watcher: string;
  readonly stream: string;
  /** The number of responses with events. */
  readonly batches: number;
  /** The number of all responses, a cancel included. */
  readonly responses: number;
  readonly events: number;
  /** The number of events of a revision that the watcher was given before. */
  readonly repeated: number;
  /** The number of events in its range that its filters left out. */
  readonly filtered: number;
  /** The number of events without the record before, which the watcher asked for and compaction had removed. */
  readonly missingPrevKvs: number;
  /** The bytes of the largest message with events, and the revision of the last of these; undefined without one. */
  readonly maxMessageBytes: number;
  readonly maxMessageRevision: number | undefined;
  /** The number of responses with a message that is larger than most clients of gRPC take. */
  readonly largeMessages: number;
  /**
   * The number of events that the watcher should have been given by the end, or until its client cancelled it, and was
   * not.
   */
  readonly undelivered: number;
  /** The revision of its first event, and the highest one of all; both undefined when it was given no event. */
  readonly firstRevision: number | undefined;
  readonly lastRevision: number | undefined;
  /** The time of the last response, in µs. */
  readonly lastUs: number | undefined;
  /** The time when the watcher was synced for the first time, in µs; undefined when it never was. */
  readonly syncedUs: number | undefined;
  /** The number of times that its stream was full. */
  readonly timesVictim: number;
  /** The number of times that its client came back after it had lost its connection. */
  readonly timesResumed: number;
  /** The number of times that its client listed what is there, because compaction had ended the watcher. */
  readonly timesRelisted: number;
  /**
   * The number of events that its client saw only as a part of the state that it listed; at least so many if the
   * history cannot be read so far back.
   */
  readonly seenAsState: number;
  /** The number of events that it was given and a restore from a backup has taken back. */
  readonly undone: number;
  /**
   * The revision that its client has asked for since a restore from a backup, if the store has not come so far by the
   * end; what is written until then never comes. Else undefined.
   */
  readonly waitsForRev: number | undefined;
  /** The farthest that the watcher was behind the store, in revisions. */
  readonly maxLagRevs: number;
  /** The event that the watcher was waiting for then; undefined when it was never behind. */
  readonly maxLagEvent: EventName | undefined;
  /**
   * The longest that an event took from its commit to the consumer, in µs. The next event that never came counts up to
   * the end.
   */
  readonly maxDelayUs: number;
  /** The event that took so long; undefined when no event had to wait. */
  readonly maxDelayEvent: EventName | undefined;
  /** Its group at the end; undefined when the watcher was never started. */
  readonly group: Group | undefined;
  /** The compact revision that ended the watcher; undefined while it lives. */
  readonly compactRevision: number | undefined;
  /** Whether the server refused the watcher for its start revision. */
  readonly refused: boolean;
  readonly timeline: readonly TimelineStep[];
}

/** Returns how a watcher ends: its group, `compacted at N`, `refused` or `never started`. */
export function endingOf({
  compactRevision,
  group,
  refused,
}: Pick<WatcherSummary, 'compactRevision' | 'group' | 'refused'>): string {
  if (refused) return 'refused: no revision below 1 can be watched';
  return compactRevision === undefined ? (group ?? 'never started') : `compacted at ${compactRevision}`;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The revisions that a client saw only as the state that it listed, and the time for which it waited for them. */
interface Listed {
  readonly fromRev: number;
  readonly toRev: number;
  readonly sinceUs: number;
  readonly untilUs: number;
}

/** A watcher while the replay runs. */
export interface WatcherTally
  extends Mutable<Omit<WatcherSummary, 'filtered' | 'undelivered' | 'seenAsState' | 'waitsForRev' | 'timeline'>> {
  readonly spec: WatchSpec;
  readonly lane: Lane;
  /** The first revision that the watcher is to see; undefined while it is not started. */
  fromRev: number | undefined;
  /**
   * The number of its events that were due, each counted once. An older release may send some from before its start,
   * which are not due.
   */
  due: number;
  /** The revisions of the events that were due; undefined when no restart can take any of them back. */
  readonly dueRevs: AscendingList | undefined;
  /** The revision up to which the watcher was given everything. */
  givenRev: number;
  startedUs: number;
  /** The time when the watcher was last given events. */
  givenUs: number;
  /** The time when the watcher was gone for good. */
  endedUs: number | undefined;
  /** The store's revision when its client wanted no more. */
  cancelledRev: number | undefined;
  listed: Listed[];
  timesRelisted: number;
  /** The next revision that the watcher needed when it last changed its group. */
  minRev: number;
}

/** Returns the tally of a watcher that was not started yet. */
export function tallyOf(spec: WatchSpec, lane: Lane, goesBack: boolean): WatcherTally {
  return {
    spec,
    lane,
    watcher: spec.name,
    stream: streamOf(spec),
    batches: 0,
    responses: 0,
    events: 0,
    repeated: 0,
    missingPrevKvs: 0,
    maxMessageBytes: 0,
    maxMessageRevision: undefined,
    largeMessages: 0,
    firstRevision: undefined,
    lastRevision: undefined,
    lastUs: undefined,
    syncedUs: undefined,
    timesVictim: 0,
    timesResumed: 0,
    maxLagRevs: 0,
    maxLagEvent: undefined,
    maxDelayUs: 0,
    maxDelayEvent: undefined,
    group: undefined,
    compactRevision: undefined,
    refused: false,
    fromRev: undefined,
    due: 0,
    dueRevs: goesBack ? new AscendingList() : undefined,
    givenRev: 0,
    startedUs: 0,
    givenUs: 0,
    endedUs: undefined,
    cancelledRev: undefined,
    listed: [],
    timesRelisted: 0,
    undone: 0,
    minRev: 0,
  };
}

/** Returns what a tally tells by itself. */
export function summaryOf({
  spec,
  lane,
  fromRev,
  due,
  dueRevs,
  givenRev,
  startedUs,
  givenUs,
  endedUs,
  cancelledRev,
  listed,
  minRev,
  ...summary
}: WatcherTally) {
  return summary;
}
