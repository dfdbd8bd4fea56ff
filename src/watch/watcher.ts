// A watcher has a range of keys, a revision up to which it has seen the history, and a group.

import type { WatchEvent } from '../mvcc/record.js';
import { type EventFilter, FILTER_OF } from './event-filter.js';

export interface WatchRequest {
  readonly key: string;
  /** The end of the range: undefined for the one key, '' for all keys from `key` on, else that of [key, end). */
  readonly end?: string | undefined;
  /** The first revision of interest; 0 or undefined for what comes next. */
  readonly startRev?: number | undefined;
  /** The watch id; the stream chooses one when it is 0 or undefined. */
  readonly watchId?: number | undefined;
  readonly filters?: readonly EventFilter[] | undefined;
  /** The name by which an observer knows the watcher. */
  readonly name?: string | undefined;
}

/** The way in which a response came about. */
export type Via =
  /** A synced watcher was told of a write at once. */
  | 'notify'
  /** A sync pass read the events for an unsynced watcher. */
  | 'sync'
  /** The stream was full, and a later try found room. */
  | 'victim'
  /** Compaction took revisions that the watcher had not seen. This is the watcher's last response. */
  | 'cancel'
  /** The client asked for progress, or the interval of progress notifications passed. */
  | 'progress';

/** The watch id that stands for all watchers of a stream, in a progress response. */
export const ALL_WATCHERS = -1;

export interface WatchResponse {
  readonly watchId: number;
  readonly via: Via;
  readonly events: readonly WatchEvent[];
  /** The revision that the store stood at; 0 in a cancel. */
  readonly revision: number;
  /** Where the window begins, in a cancel; else 0. */
  readonly compactRevision: number;
}

/** The bounded channel of a stream, as a watcher sees it. */
export interface ResponseSink {
  readonly full: boolean;
  /** Queues a response; returns false when the channel is full. */
  offer(response: WatchResponse): boolean;
}

/** The groups of watchers. A watcher that compaction has removed is `cancelled` too. */
export type Group = 'synced' | 'unsynced' | 'victim' | 'cancelled';

export class Watcher {
  readonly name: string;
  readonly key: string;
  readonly end: string | undefined;
  readonly startRev: number;
  /** The next revision that the watcher needs to see. */
  minRev: number;
  group: Group;
  /** The store was restored while the watcher was there, so that its minRev may lie above the current revision. */
  restored = false;
  private readonly filters: ReadonlySet<EventFilter>;

  constructor(
    readonly stream: ResponseSink,
    readonly id: number,
    /** A number that rises with each watcher of an engine. */
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

  /**
   * Whether no response can be sent: the stream is full, and the watcher has no filter that could empty the response.
   */
  get blocked(): boolean {
    return this.filters.size === 0 && this.stream.full;
  }

  /**
   * Puts a response into the stream, without the events that the filters take; returns false when the stream is full.
   * A response that the filters empty is not sent, and counts as sent.
   */
  send({ via, events, revision, compactRevision }: Omit<WatchResponse, 'watchId'>, watchId = this.id): boolean {
    if (this.blocked) return false;
    const wanted = this.filters.size === 0 ? events : events.filter(({ type }) => !this.filters.has(FILTER_OF[type]));
    if (wanted.length === 0 && events.length > 0) return true;
    return this.stream.offer({ watchId, via, events: wanted, revision, compactRevision });
  }
}

/** Compares watchers by their ids, which is the order in which groups are gone through. etcd's order is random. */
export function byWatchId(a: Watcher, b: Watcher): number {
  return a.id - b.id || a.serial - b.serial;
}
