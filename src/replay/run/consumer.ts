// A consumer takes responses off one stream: at once, at a pace, or never, and with stalls.

import type { WatchStream } from '../../watch/watch-stream.js';
import type { WatchResponse } from '../../watch/watcher.js';
import type { VirtualClock } from './virtual-clock.js';

export type ConsumerPlan =
  /** Each response the instant it is queued, so that the stream never fills. */
  | { readonly pace: 'atOnce' }
  /** One response, then none for this long. */
  | { readonly pace: 'interval'; readonly intervalUs: number }
  /** After a response, as long as its events take. */
  | { readonly pace: 'rate'; readonly eventsPerSecond: number }
  | { readonly pace: 'never' };

export const AT_ONCE: ConsumerPlan = { pace: 'atOnce' };

export class Consumer {
  private readyUs = 0;
  private scheduled = false;
  private gone = false;

  constructor(
    private readonly plan: ConsumerPlan,
    private readonly clock: VirtualClock,
    private readonly onTake: (response: WatchResponse) => void,
    private stalledUntilUs = 0,
  ) {}

  get stalledUntil(): number {
    return this.stalledUntilUs;
  }

  /** To be called when something may be there to take. */
  wake(stream: WatchStream): void {
    if (this.gone || this.plan.pace === 'never' || this.scheduled || stream.queued === 0) return;
    const waitUs = Math.max(this.readyUs, this.stalledUntilUs) - this.clock.nowUs;
    if (waitUs <= 0 && this.plan.pace === 'atOnce') {
      for (const response of stream.take()) this.onTake(response);
      return;
    }
    this.scheduled = true;
    this.clock.after(Math.max(waitUs, 0), () => {
      this.scheduled = false;
      this.take(stream);
    });
  }

  private take(stream: WatchStream): void {
    if (this.gone) return;
    if (this.stalledUntilUs <= this.clock.nowUs && this.plan.pace !== 'atOnce') {
      for (const response of stream.take(1)) {
        this.onTake(response);
        this.readyUs = this.clock.nowUs + this.pauseUs(response);
      }
    }
    this.wake(stream);
  }

  private pauseUs({ events }: WatchResponse): number {
    if (this.plan.pace === 'interval') return this.plan.intervalUs;
    if (this.plan.pace === 'rate') return Math.ceil((events.length * 1e6) / this.plan.eventsPerSecond);
    return 0;
  }

  /** Takes nothing for a while. */
  stall(forUs: number): void {
    this.stalledUntilUs = Math.max(this.stalledUntilUs, this.clock.nowUs + forUs);
  }

  /** Takes nothing any more: the connection is gone. */
  stop(): void {
    this.gone = true;
  }
}
