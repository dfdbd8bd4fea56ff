// A consumer takes messages off one connection: at once, at a pace, or never, and with stalls. Only responses count for
// its pace; an answer costs it no time.

import type { ServerMessage, ServerStream } from '../../watch/server-stream.js';
import type { VirtualClock } from './virtual-clock.js';

export type ConsumerPlan =
  /** The consumer takes each response the instant it is queued, so that the stream never fills. */
  | { readonly pace: 'atOnce' }
  /** The consumer takes one response, and then none for this long. */
  | { readonly pace: 'interval'; readonly intervalUs: number }
  /** The consumer takes a response, and then none for as long as its events take at this rate. */
  | { readonly pace: 'rate'; readonly eventsPerSecond: number }
  | { readonly pace: 'never' };

export const AT_ONCE: ConsumerPlan = { pace: 'atOnce' };

export class Consumer {
  private readyUs = 0;
  /** The take that is to come; undefined when there is none. */
  private scheduled: { readonly background: boolean } | undefined;
  private taking = false;
  private gone = false;

  constructor(
    private readonly plan: ConsumerPlan,
    private readonly clock: VirtualClock,
    private readonly onTake: (message: ServerMessage) => void,
    private stalledUntilUs = 0,
  ) {}

  get stalledUntil(): number {
    return this.stalledUntilUs;
  }

  /** Takes what may be taken now. It is called when a message may be there, also while the consumer takes one. */
  wake(stream: ServerStream): void {
    if (this.gone || this.taking || this.plan.pace === 'never') return;
    if (this.stalledUntilUs <= this.clock.nowUs) {
      this.taking = true;
      this.takeAtOnce(stream);
      this.taking = false;
    }
    if (stream.queued === 0 && !stream.hasAnswers) return;
    // Progress by interval comes for ever, so that to take it does not keep a replay from ending.
    const background = stream.onlyNotifies;
    if (this.scheduled !== undefined && (background || !this.scheduled.background)) return;
    const readyUs = stream.hasAnswers ? 0 : this.readyUs;
    const waitUs = Math.max(readyUs, this.stalledUntilUs) - this.clock.nowUs;
    const scheduled = { background };
    this.scheduled = scheduled;
    const run = () => {
      if (this.scheduled !== scheduled) return;
      this.scheduled = undefined;
      this.take(stream);
    };
    this.clock.after(Math.max(waitUs, 0), run, background);
  }

  /** Takes all answers. A consumer without a pace takes everything. */
  private takeAtOnce(stream: ServerStream): void {
    while (stream.hasAnswers || this.plan.pace === 'atOnce') {
      const message = stream.next();
      if (message === undefined) return;
      this.onTake(message);
    }
  }

  private take(stream: ServerStream): void {
    if (this.gone) return;
    const { nowUs } = this.clock;
    if (this.stalledUntilUs <= nowUs && this.readyUs <= nowUs && this.plan.pace !== 'atOnce') {
      this.taking = true;
      this.takeAtOnce(stream);
      const message = stream.next();
      if (message !== undefined) {
        this.onTake(message);
        this.readyUs = nowUs + this.pauseUs(message);
      }
      this.taking = false;
    }
    this.wake(stream);
  }

  private pauseUs(message: ServerMessage): number {
    if (this.plan.pace === 'interval') return this.plan.intervalUs;
    if (this.plan.pace !== 'rate' || message.kind !== 'response') return 0;
    return Math.ceil((message.response.events.length * 1e6) / this.plan.eventsPerSecond);
  }

  /** Makes the consumer take nothing for a while. */
  stall(forUs: number): void {
    this.stalledUntilUs = Math.max(this.stalledUntilUs, this.clock.nowUs + forUs);
  }

  /** Makes the consumer take nothing any more, because the connection is gone. */
  stop(): void {
    this.gone = true;
  }
}
