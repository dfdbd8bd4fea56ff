// What a sync pass costs, by counting what etcd would read and match in it without reading it: the revisions of each
// watch range's events are noted once.

import { point } from '../adt/interval.js';
import { IntervalTree } from '../adt/interval-tree.js';
import type { NamedRange } from '../mvcc/key-range.js';
import type { WatchEvent } from '../mvcc/record.js';
import type { SyncPass } from '../watch/watch-observer.js';
import type { PassCost } from './pass-cost.js';
import type { ReplayStore } from './replay-store.js';

const intervalOf = ({ key, end }: NamedRange) => (end === undefined ? point(key) : { begin: key, end });

export class PassCounter {
  /** For each range the revisions of its events, ascending. */
  private readonly revisions = new IntervalTree<number[]>();
  private readonly countsEvents: boolean;

  constructor(
    store: ReplayStore,
    ranges: readonly NamedRange[],
    private readonly cost: PassCost,
  ) {
    this.countsEvents = cost.eventUs > 0;
    if (!this.countsEvents) return;
    for (const range of ranges) {
      const interval = intervalOf(range);
      if (this.revisions.find(interval) === undefined) this.revisions.insert(interval, []);
    }
    for (const { key, main } of store.records(Math.max(store.compactRev, 0), store.currentRev)) this.note(key, main);
  }

  /** Takes in a commit. */
  add(events: readonly WatchEvent[]): void {
    if (this.countsEvents) for (const { kv } of events) this.note(kv.key, kv.modRevision);
  }

  private note(key: string, revision: number): void {
    this.revisions.stabPoint(key, ({ value }) => {
      value.push(revision);
    });
  }

  /** µs that the pass takes. */
  costUs({ chosen, minRev, currentRev }: SyncPass): number {
    if (minRev === undefined || minRev > currentRev) return 0;
    let events = 0;
    if (this.countsEvents) {
      for (const watcher of chosen) {
        const revisions = this.revisions.find(intervalOf(watcher))!.value;
        events += revisions.length - lowerBound(revisions, watcher.minRev);
      }
    }
    return this.cost.revisionUs * (currentRev - minRev + 1) + this.cost.eventUs * events;
  }
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
