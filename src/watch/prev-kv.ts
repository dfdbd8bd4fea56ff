// A watcher may ask for the record before that of each event. The server adds it when it sends the response.

import { MvccwError } from '../errors.js';
import type { History } from '../mvcc/history.js';
import type { KeyValue } from '../mvcc/key-value.js';
import type { WatchEvent } from '../mvcc/record.js';

/** Compaction has taken the record before an event, so that etcd sends the event without it (etcd issue 10681). */
export interface MissingPrevKv {
  /** The revision that the record was looked up at: the one before the event's. */
  readonly atRev: number;
  /** Where the window began at that moment: above `atRev`. */
  readonly compactRev: number;
}

export interface DeliveredEvent extends WatchEvent {
  /** The record before; undefined for the put that creates a key, and where the watcher did not ask for it. */
  readonly prevKv?: KeyValue | undefined;
  /** Why `prevKv` is undefined although the watcher asked for it and the key was there before. */
  readonly missingPrevKv?: MissingPrevKv | undefined;
}

/** Adds the record before, as etcd's server does. */
export function withPrevKv(store: Pick<History, 'compactRev' | 'range'>, event: WatchEvent): DeliveredEvent {
  const { key, modRevision, createRevision } = event.kv;
  if (event.type === 'PUT' && createRevision === modRevision) return event;
  const atRev = modRevision - 1;
  try {
    const prevKv = store.range({ key, rev: atRev }).kvs[0];
    return prevKv === undefined ? event : { ...event, prevKv };
  } catch (error) {
    if (!(error instanceof MvccwError) || error.code !== 'COMPACTED') throw error;
    return { ...event, missingPrevKv: { atRev, compactRev: store.compactRev } };
  }
}
