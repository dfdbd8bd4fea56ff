// What a watch cache and its clients came to.

/** `tooOld`: the cache no longer has what the client wants next, so that it lists. */
export type CacheClientChange = 'listed' | 'watches' | 'terminated' | 'tooOld' | 'left';

export interface CacheClientSummary {
  readonly client: string;
  /** The number of events that it was given. */
  readonly events: number;
  readonly bookmarks: number;
  /** The number of times that it was cut off, as its channel was full or the cache began anew. */
  readonly timesTerminated: number;
  /** The number of times that it had to list again, as the cache no longer had what came next. */
  readonly timesTooOld: number;
  /** The number of events of the cache that it saw only as the state that it listed. */
  readonly seenAsState: number;
  /** The number of events that it should have been given by the end, or until it left, and was not. */
  readonly undelivered: number;
  /** The last revision that it has seen; undefined when it was never there. */
  readonly revision: number | undefined;
  /** The longest that an event took from its commit to the client. The next one that never came counts up to the end. */
  readonly maxDelayUs: number;
  readonly maxDelayRev: number | undefined;
}

export interface CacheSummary {
  /** The name of its watcher of etcd. */
  readonly watcher: string;
  /** The revision up to which it has seen everything, by an event, progress or a list. */
  readonly revision: number;
  /** The oldest revision that it can still give to a client. */
  readonly oldestRev: number;
  /** The number of events in its window, how many that holds, and the most that it ever held. */
  readonly held: number;
  readonly capacity: number;
  readonly peakCapacity: number;
  /** The number of times that it listed again, which cuts off all clients. */
  readonly timesRelisted: number;
  readonly clients: readonly CacheClientSummary[];
}
