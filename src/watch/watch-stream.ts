// The bounded channel that one or more watchers share, as watchStream in watcher.go.

import { Fifo } from '../adt/fifo.js';
import { isEmpty } from '../adt/interval.js';
import { MvccwError } from '../errors.js';
import { intervalOf } from '../mvcc/key-range.js';
import type { EndedBy } from './watch-observer.js';
import type { ResponseSink, Watcher, WatchRequest, WatchResponse } from './watcher.js';

/** Called after each response that was queued; may take it off at once. */
export type OnQueued = (stream: WatchStream, response: WatchResponse) => void;

/** What a stream needs of the engine, as etcd's `watchable` interface. */
export interface Watchable {
  addWatcher(stream: ResponseSink, id: number, request: WatchRequest): Watcher;
  cancel(watcher: Watcher, because: EndedBy): void;
  /** Sends progress in the name of a watch id when all the watchers are synced; false when some are not. */
  progress(watchers: readonly Watcher[], watchId: number): boolean;
  progressAll(watchers: readonly Watcher[]): boolean;
}

export class WatchStream implements ResponseSink {
  private readonly watchers = new Map<number, Watcher>();
  private readonly queue = new Fifo<WatchResponse>();
  private nextId = 0;

  constructor(
    private readonly engine: Watchable,
    /** Responses it holds at most. */
    private readonly capacity: number,
    private readonly onQueued?: OnQueued,
  ) {}

  /** Responses that wait to be taken. */
  get queued(): number {
    return this.queue.size;
  }

  get full(): boolean {
    return this.queue.size >= this.capacity;
  }

  /** Starts a watcher and gives its id. Throws USAGE for an empty range or an id that is taken. */
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

  /** Ends a watcher; what it has in the queue stays. Throws WATCHER_NOT_FOUND. */
  cancel(id: number): void {
    const watcher = this.watchers.get(id);
    if (watcher === undefined) throw new MvccwError('WATCHER_NOT_FOUND', 'mvcc: watcher does not exist');
    this.engine.cancel(watcher, 'cancelled');
    this.watchers.delete(id);
  }

  /** The connection is gone: ends every watcher, and gives the responses that nobody took. */
  close(): WatchResponse[] {
    for (const watcher of this.watchers.values()) this.engine.cancel(watcher, 'disconnected');
    this.watchers.clear();
    return this.queue.take(Number.POSITIVE_INFINITY);
  }

  /** Queues a response; false when the stream is full. */
  offer(response: WatchResponse): boolean {
    if (this.full) return false;
    this.queue.push(response);
    this.onQueued?.(this, response);
    return true;
  }

  /** Takes up to `max` responses, oldest first. */
  take(max = Number.POSITIVE_INFINITY): WatchResponse[] {
    return this.queue.take(max);
  }

  /** Asks where one watcher stands; answered, in the stream, only when it is synced. Unknown ids are ignored. */
  requestProgress(id: number): void {
    const watcher = this.watchers.get(id);
    if (watcher !== undefined) this.engine.progress([watcher], id);
  }

  /** Asks where the whole stream stands; false when some watcher is not synced. */
  requestProgressAll(): boolean {
    return this.engine.progressAll([...this.watchers.values()]);
  }
}
