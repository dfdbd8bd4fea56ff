// A watch stream is the bounded channel that one or more watchers share, as watchStream in watcher.go.

import { Fifo } from '../adt/fifo.js';
import { isEmpty } from '../adt/interval.js';
import { MvccwError } from '../errors.js';
import { intervalOf } from '../mvcc/key-range.js';
import type { EndedBy } from './watch-observer.js';
import type { ResponseSink, Watcher, WatchRequest, WatchResponse } from './watcher.js';

/** A stream calls it for each response that it has queued. It may take the response off at once. */
export type OnQueued = (stream: WatchStream, response: WatchResponse) => void;

/** The part of the engine that a stream needs, as etcd's `watchable` interface. */
export interface Watchable {
  addWatcher(stream: ResponseSink, id: number, request: WatchRequest): Watcher;
  cancel(watcher: Watcher, because: EndedBy): void;
  /** Sends progress in the name of a watch id when all the watchers are synced; returns false when some are not. */
  progress(watchers: readonly Watcher[], watchId: number): boolean;
  progressAll(watchers: readonly Watcher[]): boolean;
}

export class WatchStream implements ResponseSink {
  private readonly watchers = new Map<number, Watcher>();
  private readonly queue = new Fifo<WatchResponse>();
  private nextId = 0;

  constructor(
    private readonly engine: Watchable,
    /** The most responses that the stream holds. */
    private readonly capacity: number,
    private readonly onQueued?: OnQueued,
  ) {}

  /** The number of responses that were not taken yet. */
  get queued(): number {
    return this.queue.size;
  }

  get full(): boolean {
    return this.queue.size >= this.capacity;
  }

  /** Whether the stream has no watchers. One that compaction has ended counts until its client cancels it. */
  get isEmpty(): boolean {
    return this.watchers.size === 0;
  }

  /** Starts a watcher and returns it. Throws USAGE for an empty range or an id that is taken. */
  watch(request: WatchRequest): Watcher {
    if (isEmpty(intervalOf(request))) {
      throw new MvccwError('USAGE', 'mvcc: watcher range is empty', { hint: 'the range end must be above the key' });
    }
    let id = request.watchId ?? 0;
    if (id === 0) {
      while (this.watchers.has(this.nextId)) this.nextId++;
      id = this.nextId++;
    } else if (this.watchers.has(id)) {
      throw new MvccwError('USAGE', 'mvcc: duplicate watch ID provided on the WatchStream');
    }
    const watcher = this.engine.addWatcher(this, id, request);
    this.watchers.set(id, watcher);
    return watcher;
  }

  /** Ends a watcher. Its responses that are queued stay. Throws WATCHER_NOT_FOUND. */
  cancel(id: number): void {
    const watcher = this.watchers.get(id);
    if (watcher === undefined) throw new MvccwError('WATCHER_NOT_FOUND', 'mvcc: watcher does not exist');
    this.engine.cancel(watcher, 'cancelled');
    this.watchers.delete(id);
  }

  /** Ends every watcher, because the connection is gone, and returns the responses that were not taken. */
  close(): WatchResponse[] {
    for (const watcher of this.watchers.values()) this.engine.cancel(watcher, 'disconnected');
    this.watchers.clear();
    return this.queue.take(Number.POSITIVE_INFINITY);
  }

  /** Queues a response; returns false when the stream is full. */
  offer(response: WatchResponse): boolean {
    if (this.full) return false;
    this.queue.push(response);
    this.onQueued?.(this, response);
    return true;
  }

  /** Takes and returns up to `max` responses, oldest first. */
  take(max = Number.POSITIVE_INFINITY): WatchResponse[] {
    return this.queue.take(max);
  }

  /** Asks where one watcher stands. Only a synced watcher is answered, in the stream; an unknown id is ignored. */
  requestProgress(id: number): void {
    const watcher = this.watchers.get(id);
    if (watcher !== undefined) this.engine.progress([watcher], id);
  }

  /** Asks where the whole stream stands; returns false when some watcher is not synced. */
  requestProgressAll(): boolean {
    return this.engine.progressAll([...this.watchers.values()]);
  }
}
