// One watcher: a range of keys, how far it has seen the history, and which group it stands in.

import type { WatchEvent } from '../mvcc/record.js';
import { type EventFilter, FILTER_OF } from './event-filter.js';

export interface WatchRequest {
  readonly key: string;
  /** Absent: the one key; '': from key on; else [key, end). */
  readonly end?: string | undefined;
  /** The first revision of interest; 0 or absent: what comes next. */
  readonly startRev?: number | undefined;
  /** 0 or absent: the stream chooses. */
  readonly watchId?: number | undefined;
  readonly filters?: readonly EventFilter[] | undefined;
  /** What an observer knows the watcher by. */
  readonly name?: string | undefined;
}

/** How a response came about. */
export type Via =
  /** A write that a synced watcher was told of at once. */
  | 'notify'
  /** A pass over the unsynced watchers. */
  | 'sync'
  /** A later try after the stream was full. */
  | 'victim'
  /** Compaction took revisions that the watcher had not seen: its last response. */
  | 'cancel'
  /** A progress request. */
  | 'progress';

/** The watch id of a progress response for a whole stream. */
export const ALL_WATCHERS = -1;

export interface WatchResponse {
  readonly watchId: number;
  readonly via: Via;
  readonly events: readonly WatchEvent[];
  /** What the store stood at; 0 in a cancel. */
  readonly revision: number;
  /** Above 0 only in a cancel. */
  readonly compactRevision: number;
}

/** What a watcher sends to: the bounded channel of its stream. */
export interface ResponseSink {
  readonly full: boolean;
  /** Queues a response; false when the channel is full. */
  offer(response: WatchResponse): boolean;
}

/** `cancelled` also holds a watcher that compaction has removed. */
export type Group = 'synced' | 'unsynced' | 'victim' | 'cancelled';

export class Watcher {
  readonly name: string;
  readonly key: string;
  readonly end: string | undefined;
  readonly startRev: number;
  /** The next revision that the watcher needs to see. */
  minRev: number;
  group: Group;
  /** The store was restored under it, so its minRev may lie above the current revision. */
  restored = false;
  private readonly filters: ReadonlySet<EventFilter>;

  constructor(
    readonly stream: ResponseSink,
    readonly id: number,
    /** Rises with each watcher of an engine. */
    readonly serial: number,
    request: WatchRequest,
    currentRev: number,
  ) {
    this.name = request.name ?? '';
    this.key = request.key;
    this.end = request.end;
    this.startRev = request.startRev ?? 0;
    this.filters = new Set(request.filters);
    const synced = this.startRev === 0 || this.startRev > currentRev;
    this.group = synced ? 'synced' : 'unsynced';
    this.minRev = synced ? Math.max(currentRev + 1, this.startRev) : this.startRev;
  }

  /** Whether no response can be sent: its stream is full, and no filter may make the response an empty one. */
  get blocked(): boolean {
    return this.filters.size === 0 && this.stream.full;
  }

  /**
   * Puts a response into the stream, without the events that the filters take; false when the stream is full.
   * A response that the filters empty is not sent, and counts as sent.
   */
  send({ via, events, revision, compactRevision }: Omit<WatchResponse, 'watchId'>, watchId = this.id): boolean {
    if (this.blocked) return false;
    const wanted = this.filters.size === 0 ? events : events.filter(({ type }) => !this.filters.has(FILTER_OF[type]));
    if (wanted.length === 0 && events.length > 0) return true;
    return this.stream.offer({ watchId, via, events: wanted, revision, compactRevision });
  }
}

/** The order in which groups are gone through: etcd ranges over a Go map, whose order is random. */
export function byWatchId(a: Watcher, b: Watcher): number {
  return a.id - b.id || a.serial - b.serial;
}
