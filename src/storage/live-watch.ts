// A LiveWatch holds watches on a database that other processes may write to: the watch engine, driven by real time. etcd
// runs its sync loop every 100 ms and its victim loop every 10 ms. Here both run as soon as there is room in the
// stream, since the reader that takes a response off it asks for the next one.

import { setImmediate } from 'node:timers/promises';
import type { ClientWatchRequest } from '../requests/client-watch.js';
import { LiveFeed } from '../watch/live-feed.js';
import { type DeliveredEvent, withPrevKv } from '../watch/prev-kv.js';
import type { WatchStream } from '../watch/watch-stream.js';
import { ALL_WATCHERS, type WatchResponse } from '../watch/watcher.js';
import type { WatchedDatabase } from './watched-database.js';

export interface LiveResponse extends WatchResponse {
  readonly events: readonly DeliveredEvent[];
}

export interface LiveWatchOptions {
  /** Called about once a second; false ends the watch. */
  isWanted?(): boolean;
  readonly progressIntervalMs?: number;
}

/** The interval of etcd, where it varies by up to a tenth. */
const PROGRESS_INTERVAL_MS = 10 * 60 * 1000;

interface Recipient {
  readonly request: ClientWatchRequest;
  lastResponseMs: number;
}

export class LiveWatch {
  private readonly feed: LiveFeed;
  private readonly stream: WatchStream;
  private readonly recipients = new Map<number, Recipient>();
  private readonly progressIntervalMs: number;
  private progressRequests = 0;
  private state: 'watching' | 'finishing' | 'stopped' = 'watching';

  /** The database is closed with the watch. */
  constructor(
    private readonly database: WatchedDatabase,
    private readonly options: LiveWatchOptions = {},
  ) {
    this.progressIntervalMs = options.progressIntervalMs ?? PROGRESS_INTERVAL_MS;
    this.feed = this.database.read((store) => new LiveFeed(store));
    this.stream = this.feed.engine.openStream();
  }

  /** Starts a watcher and returns its id. Throws USAGE for an empty range. */
  watch(request: ClientWatchRequest): number {
    const { id } = this.stream.watch(request);
    this.recipients.set(id, { request, lastResponseMs: performance.now() });
    this.database.wake();
    return id;
  }

  /** Asks for a progress response, which comes when every watcher has caught up. */
  requestProgress(): void {
    this.progressRequests++;
    this.database.wake();
  }

  /** Resolves with the next response; undefined at the end. A watcher below the window ends with its response. */
  async next(): Promise<LiveResponse | undefined> {
    while (this.state !== 'stopped') {
      const [response] = this.stream.take(1);
      if (response !== undefined) return this.deliver(response);
      const isBehind = this.look();
      if (this.stream.queued > 0) continue;
      if (isBehind) {
        await setImmediate();
      } else if (!this.answerProgress()) {
        if (this.state === 'finishing' || this.options.isWanted?.() === false) return undefined;
        await this.database.rest(this.untilProgressMs());
      }
    }
    return undefined;
  }

  /** Waits for `work` and returns its result. Leases run out meanwhile. */
  during<T>(work: Promise<T>): Promise<T> {
    return this.database.during(work);
  }

  /** Ends the watch once it has delivered what is committed now. */
  finish(): void {
    this.look();
    this.state = 'finishing';
    this.database.wake();
  }

  /** Ends the watch at once. */
  stop(): void {
    this.state = 'stopped';
    this.database.wake();
  }

  close(): void {
    this.database.close();
  }

  /** Reads what is new and does one pass. Returns whether there is more to do. */
  private look(): boolean {
    const { engine } = this.feed;
    this.database.read((store) => {
      this.feed.look(store, this.state === 'finishing' ? this.feed.currentRev : store.currentRev);
      if (engine.hasVictims) engine.moveVictims();
      engine.syncWatchers();
    });
    return engine.unsyncedCount > 0 || engine.hasVictims;
  }

  private deliver(response: WatchResponse): LiveResponse {
    const { watchId, via, events } = response;
    const nowMs = performance.now();
    if (watchId === ALL_WATCHERS) for (const recipient of this.recipients.values()) recipient.lastResponseMs = nowMs;
    const recipient = this.recipients.get(watchId);
    if (recipient === undefined) return response;
    recipient.lastResponseMs = nowMs;
    if (via === 'cancel') {
      this.stream.cancel(watchId);
      this.recipients.delete(watchId);
    }
    if (!recipient.request.prevKv || events.length === 0) return response;
    return this.database.read((store) => ({ ...response, events: events.map((event) => withPrevKv(store, event)) }));
  }

  private answerProgress(): boolean {
    if (this.progressRequests > 0 && this.recipients.size > 0) {
      this.progressRequests--;
      return this.stream.requestProgressAll();
    }
    this.progressRequests = 0;
    const nowMs = performance.now();
    for (const [id, recipient] of this.recipients) {
      if (!recipient.request.progressNotify || nowMs - recipient.lastResponseMs < this.progressIntervalMs) continue;
      recipient.lastResponseMs = nowMs;
      this.stream.requestProgress(id);
    }
    return this.stream.queued > 0;
  }

  private untilProgressMs(): number {
    const nowMs = performance.now();
    let untilMs = Number.POSITIVE_INFINITY;
    for (const { request, lastResponseMs } of this.recipients.values()) {
      if (request.progressNotify) untilMs = Math.min(untilMs, lastResponseMs + this.progressIntervalMs - nowMs);
    }
    return Math.max(0, untilMs);
  }
}
