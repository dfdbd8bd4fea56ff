// The record before an event's own, which watchers may ask for: the server adds it when it sends a response.

import { MvccwError } from '../errors.js';
import type { KeyValue } from '../mvcc/key-value.js';
import type { RangeRequest, RangeResult } from '../mvcc/range.js';
import type { WatchEvent } from '../mvcc/record.js';

export interface DeliveredEvent extends WatchEvent {
  /** The record before, where it was asked for, is there, and has not been compacted. */
  readonly prevKv?: KeyValue | undefined;
}

/** As etcd's server adds it: nothing for the put that creates a key, nor where compaction has taken it. */
export function withPrevKv(store: { range(request: RangeRequest): RangeResult }, event: WatchEvent): DeliveredEvent {
  const { key, modRevision, createRevision } = event.kv;
  if (event.type === 'PUT' && createRevision === modRevision) return event;
  try {
    const prevKv = store.range({ key, rev: modRevision - 1 }).kvs[0];
    return prevKv === undefined ? event : { ...event, prevKv };
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'COMPACTED') return event;
    throw error;
  }
}
