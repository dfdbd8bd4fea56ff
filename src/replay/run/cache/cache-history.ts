// The window of events that an apiserver's watch cache keeps of a resource: a ring of a capacity that follows how much
// is written. Follows watchCache of Kubernetes (apiserver, pkg/storage/cacher):
//
//   full, and its oldest event is younger than freshForUs            twice the capacity, up to the most
//   full, and what is behind its newest quarter is older than that   half the capacity, down to the least
//
// Places count from 0 and only rise, so that a place that was overwritten is known.

import type { CachePlan } from '../replay-options.js';

export interface CachedEvent {
  readonly revision: number;
  readonly key: string;
  /** The time when the cache was given the event. */
  readonly timeUs: number;
  /** The time of its commit. A restore from a backup may give its revision to another one later. */
  readonly commitUs: number;
}

/** Kubernetes lets the channel of a client hold some second of events, within these bounds. */
const MIN_CHANNEL = 10;
const MAX_CHANNEL = 100;

export class CacheHistory {
  private events: CachedEvent[] = [];
  /** The place of events[0]. */
  private offset = 0;
  private begin = 0;
  private overwrote = false;
  private held: number;
  private most: number;

  /** The cache has listed at `listRev`. */
  constructor(
    private readonly plan: Pick<CachePlan, 'minCapacity' | 'maxCapacity' | 'freshForUs'>,
    private listRev: number,
  ) {
    this.held = plan.minCapacity;
    this.most = plan.minCapacity;
  }

  get capacity(): number {
    return this.held;
  }

  get peakCapacity(): number {
    return this.most;
  }

  /** The place behind the newest event. */
  get end(): number {
    return this.offset + this.events.length;
  }

  get length(): number {
    return this.end - this.begin;
  }

  /** The oldest revision that a client may still be given. */
  get oldestRev(): number {
    return this.overwrote ? this.at(this.begin)!.revision : this.listRev + 1;
  }

  /** Returns the event at a place; undefined when it was overwritten. */
  at(place: number): CachedEvent | undefined {
    return place < this.begin ? undefined : this.events[place - this.offset];
  }

  /** Returns the place of the first event behind a revision. */
  placeBehind(revision: number): number {
    let [low, high] = [this.begin, this.end];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.at(middle)!.revision > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The number of events that the channel of a new client holds. */
  get channelSize(): number {
    const aSecond = Math.ceil((this.held * 1e6) / this.plan.freshForUs);
    return Math.min(Math.max(aSecond, MIN_CHANNEL), MAX_CHANNEL);
  }

  add(event: CachedEvent): void {
    this.resize(event.timeUs);
    if (this.length === this.held) {
      this.begin++;
      this.overwrote = true;
    }
    this.events.push(event);
    this.forget();
  }

  private resize(nowUs: number): void {
    if (this.length < this.held) return;
    const { minCapacity, maxCapacity, freshForUs } = this.plan;
    if (nowUs - this.at(this.begin)!.timeUs < freshForUs) {
      this.held = Math.min(2 * this.held, maxCapacity);
      this.most = Math.max(this.most, this.held);
      return;
    }
    const quarter = this.at(this.end - Math.floor(this.held / 4));
    if (quarter === undefined || nowUs - quarter.timeUs <= freshForUs) return;
    this.held = Math.max(Math.floor(this.held / 2), minCapacity);
    if (this.length <= this.held) return;
    this.begin = this.end - this.held;
    this.overwrote = true;
  }

  /** Drops what was overwritten, at times, so that this costs little. */
  private forget(): void {
    const gone = this.begin - this.offset;
    if (gone < this.held) return;
    this.events = this.events.slice(gone);
    this.offset = this.begin;
  }

  /** Begins anew behind a list. */
  reset(listRev: number): void {
    this.offset = this.end;
    this.begin = this.offset;
    this.events = [];
    this.overwrote = false;
    this.listRev = listRev;
  }
}
