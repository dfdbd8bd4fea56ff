// A pass counter finds what a sync pass costs by counting what etcd would read and match in it, without reading it. It
// notes the revision of each event once, under the class of its key. A watcher's range is a run of classes, so that the
// counter keeps one number for each record, however many ranges overlap, and none for a record that nobody watches.

import { AscendingList } from '../../adt/ascending-list.js';
import type { KeyRange } from '../../mvcc/key-range.js';
import type { WatchEvent } from '../../mvcc/record.js';
import type { SyncPass } from '../../watch/watch-observer.js';
import type { Watcher } from '../../watch/watcher.js';
import { KeyClasses, NO_CLASS } from './key-classes.js';
import type { PassCost } from './pass-cost.js';
import type { ReplayStore } from './replay-store.js';

interface CountedPass extends Omit<SyncPass, 'chosen'> {
  readonly chosen: readonly Pick<Watcher, 'key' | 'end' | 'minRev'>[];
}

export class PassCounter {
  private readonly classes: KeyClasses;
  /** The revisions of the events of each class. */
  private readonly revisions: readonly AscendingList[];
  private readonly countsEvents: boolean;

  constructor(
    store: ReplayStore,
    ranges: readonly KeyRange[],
    private readonly cost: PassCost,
  ) {
    this.countsEvents = cost.eventUs > 0;
    this.classes = new KeyClasses(this.countsEvents ? ranges : []);
    this.revisions = Array.from({ length: this.classes.count }, () => new AscendingList());
    if (!this.countsEvents) return;
    for (const { key, main } of store.records(Math.max(store.compactRev, 0), store.currentRev)) this.note(key, main);
  }

  /** Counts the events of a commit. */
  add(events: readonly WatchEvent[]): void {
    if (this.countsEvents) for (const { kv } of events) this.note(kv.key, kv.modRevision);
  }

  private note(key: string, revision: number): void {
    const keyClass = this.classes.classOf(key);
    if (keyClass !== NO_CLASS) this.revisions[keyClass]!.push(revision);
  }

  /** Returns the µs that the pass takes. */
  costUs({ chosen, minRev, currentRev }: CountedPass): number {
    if (minRev === undefined || minRev < 0 || minRev > currentRev) return 0;
    let events = 0;
    if (this.countsEvents) for (const watcher of chosen) events += this.eventsFrom(watcher.minRev, watcher);
    return this.cost.revisionUs * (currentRev - minRev + 1) + this.cost.eventUs * events;
  }

  private eventsFrom(minRev: number, range: KeyRange): number {
    const { first, last } = this.classes.of(range)!;
    let events = 0;
    for (let keyClass = first; keyClass <= last; keyClass++) {
      const revisions = this.revisions[keyClass]!;
      events += revisions.length - revisions.countBelow(minRev);
    }
    return events;
  }
}
