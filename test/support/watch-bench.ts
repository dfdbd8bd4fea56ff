// This module sets up a store and a watch engine over it, with short notations for transactions, events and responses.

import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import type { WatchEvent } from '../../src/mvcc/record.js';
import { Store } from '../../src/mvcc/store.js';
import type { WriteTxn } from '../../src/mvcc/write-txn.js';
import type { WatchBehaviours } from '../../src/watch/watch-behaviour.js';
import { WatchEngine } from '../../src/watch/watch-engine.js';
import type { WatchObserver } from '../../src/watch/watch-observer.js';
import type { WatchStream } from '../../src/watch/watch-stream.js';
import { DEFAULT_WATCH_PARAMETERS, type WatchParameters } from '../../src/watch/watchable-history.js';
import type { WatchResponse } from '../../src/watch/watcher.js';

/** Returns `+key@modRevision` for a put and `-key@modRevision` for a delete. */
export function shortEvent({ type, kv }: WatchEvent): string {
  return `${type === 'PUT' ? '+' : '-'}${kv.key}@${kv.modRevision}`;
}

/** Returns `id via@revision: events`, or `id compacted@compactRevision` for a canceled watch. */
export function shortResponse({ watchId, via, events, revision, compactRevision }: WatchResponse): string {
  if (via === 'cancel') return `${watchId} compacted@${compactRevision}`;
  return [`${watchId} ${via}@${revision}:`, ...events.map(shortEvent)].join(' ');
}

export class WatchBench {
  readonly store = new Store(new MemoryBackend());
  readonly engine: WatchEngine;

  constructor(parameters: Partial<WatchParameters> = {}, observer: WatchObserver = {}, behaviours?: WatchBehaviours) {
    this.engine = new WatchEngine(this.store, { ...DEFAULT_WATCH_PARAMETERS, ...parameters }, behaviours, observer);
  }

  write(body: (txn: WriteTxn) => unknown): number {
    const { revision, events } = this.store.write(body);
    if (events.length > 0) this.engine.notify(revision, events);
    return revision;
  }

  /** Commits a transaction for each argument: keys, separated by blanks, to put, or to delete if `-` precedes them. */
  commit(...transactions: string[]): void {
    for (const keys of transactions) {
      this.write((txn) => {
        for (const key of keys.split(' ')) {
          if (key.startsWith('-')) txn.deleteRange(key.slice(1));
          else txn.put(key, Buffer.from('v'));
        }
      });
    }
  }
}

/** Takes all responses from a stream, or the first `max`, in short notation. */
export function received(stream: WatchStream, max?: number): string[] {
  return stream.take(max).map(shortResponse);
}
