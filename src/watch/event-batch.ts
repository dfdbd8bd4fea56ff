// A batch holds what one response will carry, as eventBatch in watcher_group.go: whole revisions, at most
// watchBatchMaxRevs of them.

import type { WatchEvent } from '../mvcc/record.js';
import type { Watcher } from './watcher.js';

export class EventBatch {
  readonly events: WatchEvent[] = [];
  /** The number of distinct revisions among the events, and one more when a revision did not fit. */
  revs = 0;
  /** The first revision that did not fit; 0 as long as all did. */
  moreRev = 0;
  private newestRev = 0;

  constructor(private readonly maxRevs: number) {}

  get full(): boolean {
    return this.moreRev !== 0;
  }

  add(event: WatchEvent): void {
    if (this.full) return;
    const revision = event.kv.modRevision;
    if (revision > this.newestRev) {
      this.revs++;
      if (this.revs > this.maxRevs) {
        this.moreRev = revision;
        return;
      }
      this.newestRev = revision;
    }
    this.events.push(event);
  }
}

/** Returns the batch of a watcher; a watcher without one gets an empty one. */
export function batchOf(batches: Map<Watcher, EventBatch>, watcher: Watcher, maxRevs: number): EventBatch {
  let batch = batches.get(watcher);
  if (batch === undefined) {
    batch = new EventBatch(maxRevs);
    batches.set(watcher, batch);
  }
  return batch;
}
