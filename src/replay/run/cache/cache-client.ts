// A client of an apiserver's watch cache, as a kubelet or a controller: it is sent events through a channel of its own,
// and takes them at its pace. A client that lets its channel fill is terminated; it watches again from the last event or
// bookmark that it has seen, and lists again when the cache no longer has what comes behind that.
//
//   cache  ──→ what the window already has ──→ channel: 2 × channelSize events ──→ client, at its pace
//
// Simpler than Kubernetes: what lies in the channel of a client when it is terminated is not sent any more, and the other
// clients do not wait while the cache waits for one.

import { Fifo } from '../../../adt/fifo.js';
import { holdsKey, type KeyRange } from '../../../mvcc/key-range.js';
import type { CacheClientPlan } from '../replay-options.js';
import type { VirtualClock } from '../virtual-clock.js';
import type { CachedEvent, CacheHistory } from './cache-history.js';
import type { CacheClientChange, CacheClientSummary } from './cache-summary.js';
import type { DispatchBudget } from './dispatch-budget.js';

/** The part of the cache that its clients need. */
export interface CacheForClients {
  readonly clock: VirtualClock;
  readonly history: CacheHistory;
  readonly budget: DispatchBudget;
  readonly bookmarkEveryUs: number;
  /** The revision up to which the cache has seen everything. */
  readonly revision: number;
  /** Whether the cache has listed, and can be read. */
  readonly isReady: boolean;
  note(client: CacheClient, what: CacheClientChange, revision: number): void;
}

/** What a channel holds: an event, or a bookmark, which has no event. */
type Item = { readonly revision: number; readonly event?: CachedEvent };

export class CacheClient {
  readonly name: string;
  private readonly queue = new Fifo<Item>();
  /** The places in the history that it is still to be given before what is in its channel. */
  private nextPlace = 0;
  private endPlace = 0;
  private rev: number | undefined;
  /** The revision behind which it watches, since it came the last time. */
  private watchedFrom = 0;
  /** The time from which on it may come. */
  private comesUs: number;
  private isOpen = false;
  private left = false;
  private blocked = false;
  private channel = 0;
  private opened = 0;
  private readyUs = 0;
  private wakeAtUs: number | undefined;
  private due = 0;
  private events = 0;
  private bookmarks = 0;
  private terminated = 0;
  private tooOld = 0;
  private asState = 0;
  private maxDelayUs = 0;
  private maxDelayRev: number | undefined;
  private readonly range: KeyRange;

  constructor(
    private readonly plan: CacheClientPlan,
    range: KeyRange,
    private readonly cache: CacheForClients,
  ) {
    this.name = plan.name;
    this.range = plan.range ?? range;
    this.rev = plan.startRev === undefined ? undefined : plan.startRev - 1;
    this.comesUs = plan.atUs;
  }

  /** Queues its start, and its end if it has one. */
  start(): void {
    const { clock } = this.cache;
    clock.after(this.plan.atUs, () => this.open());
    if (this.plan.untilUs !== undefined) clock.after(this.plan.untilUs, () => this.leave());
  }

  /** Watches from behind what it has seen, or lists when the cache does not have that any more. */
  open(): void {
    const { history, clock, bookmarkEveryUs } = this.cache;
    if (this.left || this.isOpen || !this.cache.isReady || clock.nowUs < this.comesUs) return;
    const isFirst = this.opened++ === 0;
    if (this.rev !== undefined && this.rev < history.oldestRev - 1) {
      this.tooOld++;
      this.asState = this.due - this.events;
      this.cache.note(this, 'tooOld', this.rev);
      this.rev = undefined;
    }
    const isListed = this.rev === undefined;
    this.rev ??= this.cache.revision;
    this.watchedFrom = this.rev;
    this.nextPlace = history.placeBehind(this.rev);
    this.endPlace = history.end;
    if (isFirst) for (let place = this.nextPlace; place < this.endPlace; place++) this.count(history.at(place)!);
    this.channel = 2 * (this.plan.channel ?? history.channelSize);
    this.isOpen = true;
    this.cache.note(this, isListed ? 'listed' : 'watches', this.rev);
    this.tick(clock.nowUs + bookmarkEveryUs);
    this.wake();
  }

  private count({ key }: CachedEvent): void {
    if (holdsKey(this.range, key)) this.due++;
  }

  /** The cache has a new event for its clients. */
  dispatch(event: CachedEvent): void {
    const { revision, key } = event;
    const { startRev = 0 } = this.plan;
    // One that has not come yet finds the event in the history, or lists; one that wants only later events waits.
    if (this.opened === 0 || this.left || revision < startRev || !holdsKey(this.range, key)) return;
    this.due++;
    // An older release of etcd may promise progress ahead of its events: what a client is then taken to have seen is lost.
    if (!this.isOpen || this.blocked || revision <= this.watchedFrom) return;
    if (this.queue.size >= this.channel && !this.waitFor()) return;
    this.queue.push({ revision, event });
    this.wake();
  }

  /** Returns whether the channel has room within what the cache may wait; else the client is terminated. */
  private waitFor(): boolean {
    const { clock, budget } = this.cache;
    const budgetUs = budget.take(clock.nowUs);
    const takes = this.plan.consumer.pace !== 'never' && this.nextPlace >= this.endPlace;
    const waitUs = Math.max(this.readyUs - clock.nowUs, 0);
    if (takes && waitUs <= budgetUs) {
      budget.giveBack(budgetUs - waitUs);
      return true;
    }
    this.blocked = true;
    const { opened } = this;
    clock.after(budgetUs, () => {
      if (this.opened === opened) this.terminate();
    });
    return false;
  }

  /** Cuts the client off. It comes back if it reads at all. */
  terminate(): void {
    if (!this.isOpen) return;
    this.close();
    this.terminated++;
    this.cache.note(this, 'terminated', this.rev!);
    const { clock } = this.cache;
    this.comesUs = this.plan.consumer.pace === 'never' ? Infinity : clock.nowUs + this.plan.reconnectAfterUs;
    if (this.comesUs < Infinity) clock.after(this.plan.reconnectAfterUs, () => this.open());
  }

  private leave(): void {
    if (this.left) return;
    this.noteWaited(this.cache.clock.nowUs);
    this.left = true;
    if (this.isOpen) this.close();
    if (this.rev !== undefined) this.cache.note(this, 'left', this.rev);
  }

  private close(): void {
    this.isOpen = false;
    this.blocked = false;
    this.queue.clear();
    this.nextPlace = this.endPlace;
  }

  /** Sends a bookmark at a time, and from then on at each interval. A bookmark that finds no room is dropped. */
  private tick(timeUs: number): void {
    const { clock, bookmarkEveryUs } = this.cache;
    const { opened } = this;
    const run = () => {
      if (!this.isOpen || this.opened !== opened) return;
      if (!this.blocked && this.queue.size < this.channel) {
        this.queue.push({ revision: this.cache.revision });
        this.wake(true);
      }
      this.tick(timeUs + bookmarkEveryUs);
    };
    clock.after(timeUs - clock.nowUs, run, true);
  }

  private get hasNext(): boolean {
    return this.nextPlace < this.endPlace || this.queue.size > 0;
  }

  /** Takes what may be taken now, and queues the next take. */
  private wake(background = false): void {
    const { clock } = this.cache;
    const { consumer } = this.plan;
    if (consumer.pace === 'never') return;
    while (this.isOpen && this.readyUs <= clock.nowUs && this.hasNext) this.take();
    if (!this.isOpen || !this.hasNext || this.wakeAtUs === this.readyUs) return;
    const { readyUs } = this;
    if (!background) this.wakeAtUs = readyUs;
    const run = () => {
      if (this.wakeAtUs === readyUs) this.wakeAtUs = undefined;
      this.wake();
    };
    clock.after(readyUs - clock.nowUs, run, background);
  }

  private take(): void {
    if (this.nextPlace < this.endPlace) {
      const event = this.cache.history.at(this.nextPlace);
      if (event === undefined) {
        // The history went on while the client read the part of it that was there before.
        this.terminate();
        return;
      }
      this.nextPlace++;
      if (holdsKey(this.range, event.key)) this.takeEvent(event);
      return;
    }
    const { revision, event } = this.queue.shift()!;
    if (event !== undefined) {
      this.takeEvent(event);
      return;
    }
    this.bookmarks++;
    this.rev = Math.max(this.rev!, revision);
  }

  private takeEvent(event: CachedEvent): void {
    const { nowUs } = this.cache.clock;
    this.events++;
    this.rev = event.revision;
    this.noteDelay(event, nowUs);
    const { consumer } = this.plan;
    if (consumer.pace === 'interval') this.readyUs = nowUs + consumer.intervalUs;
    if (consumer.pace === 'rate') this.readyUs = nowUs + Math.ceil(1e6 / consumer.eventsPerSecond);
  }

  private noteDelay({ revision, commitUs }: CachedEvent, untilUs: number): void {
    const delayUs = untilUs - Math.max(commitUs, this.plan.atUs);
    if (delayUs <= this.maxDelayUs) return;
    this.maxDelayUs = delayUs;
    this.maxDelayRev = revision;
  }

  /** Notes how long it has waited for what it was not given by a time. */
  private noteWaited(untilUs: number): void {
    if (this.opened === 0 || this.due === this.events + this.asState) return;
    const { history } = this.cache;
    const isReading = this.isOpen && this.nextPlace < this.endPlace;
    for (let place = isReading ? this.nextPlace : history.placeBehind(this.rev!); place < history.end; place++) {
      const event = history.at(place);
      if (event === undefined || !holdsKey(this.range, event.key)) continue;
      this.noteDelay(event, untilUs);
      return;
    }
  }

  /** `endUs` is the time of the end. */
  summaryAt(endUs: number): CacheClientSummary {
    if (!this.left) this.noteWaited(endUs);
    return {
      client: this.name,
      events: this.events,
      bookmarks: this.bookmarks,
      timesTerminated: this.terminated,
      timesTooOld: this.tooOld,
      seenAsState: this.asState,
      undelivered: this.due - this.events - this.asState,
      revision: this.opened === 0 ? undefined : this.rev,
      maxDelayUs: this.maxDelayUs,
      maxDelayRev: this.maxDelayRev,
    };
  }
}
