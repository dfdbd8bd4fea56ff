// etcd's two loops as tasks on the virtual clock:
//
//   sync loop     a pass; then the next one resyncPeriodUs later, or, if this one left fewer unsynced watchers, after
//                 only as long as it took
//   victim loop   woken by each new victim; tries as long as something moves, then each victimRetryUs
//
// While a pass runs it holds the store: commits, victims and actions wait for its end.

import type { WatchEngine } from '../../watch/watch-engine.js';
import type { SyncPass } from '../../watch/watch-observer.js';
import type { ReplayParameters } from './replay-options.js';
import type { VirtualClock } from './virtual-clock.js';

/** Runs of the loops in which nothing changes, after which a replay with nothing else to come is at its end. */
const QUIET_RUNS = 8;

/** What the loops work on. */
export interface LoopHost {
  /** Another one after a restart. */
  engine(): WatchEngine;
  costUs(pass: SyncPass): number;
  /** A pass, numbered from 1, reads. */
  onPass(number: number, pass: SyncPass, costUs: number): void;
}

export class WatchLoops {
  private busyUntilUs = 0;
  private passRuns = false;
  private passes = 0;
  private inPass = false;
  private syncQueued = false;
  private victimRun = 0;
  private victimQueued = false;
  private victimsAdded = false;
  private quietRuns = 0;

  constructor(
    private readonly clock: VirtualClock,
    private readonly parameters: Pick<ReplayParameters, 'resyncPeriodUs' | 'victimRetryUs'>,
    private readonly host: LoopHost,
  ) {}

  /** The first pass is now. */
  start(): void {
    this.queueSync(0);
  }

  /** The number of the pass that is under way. */
  get pass(): number | undefined {
    return this.inPass ? this.passes : undefined;
  }

  /** Something has changed that the loops may have to go on with. */
  noteChange(): void {
    this.quietRuns = 0;
  }

  noteVictim(): void {
    this.victimsAdded = true;
  }

  /** Runs a task on the store at a time, or as soon after as the store is free. */
  at(timeUs: number, task: () => void, background = false): void {
    const run = () => {
      // Also at the very end of a pass, if this was queued before it.
      if (this.passRuns) {
        this.at(this.busyUntilUs, task, background);
        return;
      }
      task();
      this.wakeVictims();
      if (!this.syncQueued) this.queueSync(0);
    };
    this.clock.after(Math.max(timeUs - this.clock.nowUs, 0), run, background);
  }

  private queueSync(delayUs: number): void {
    this.syncQueued = true;
    this.clock.after(delayUs, () => this.sync());
  }

  private sync(): void {
    this.syncQueued = false;
    const pass = this.host.engine().upcomingPass();
    if (pass === undefined) {
      // With nothing queued that could change anything, every tick would be like this one.
      if (this.clock.size > 0 && this.moreToCome()) this.queueSync(this.idleUs());
      return;
    }
    const costUs = Math.round(this.host.costUs(pass));
    this.busyUntilUs = this.clock.nowUs + costUs;
    if (costUs === 0) {
      this.runPass(pass, costUs);
      return;
    }
    this.passRuns = true;
    this.syncQueued = true;
    this.clock.after(costUs, () => {
      this.passRuns = false;
      this.syncQueued = false;
      this.runPass(pass, costUs);
    });
  }

  /** With nothing unsynced the loop only ticks; the ticks before anything else happens are left out. */
  private idleUs(): number {
    const { resyncPeriodUs } = this.parameters;
    const waitUs = (this.clock.nextUs ?? this.clock.nowUs) - this.clock.nowUs;
    return Math.max(Math.ceil(waitUs / resyncPeriodUs), 1) * resyncPeriodUs;
  }

  private runPass(pass: SyncPass, costUs: number): void {
    const engine = this.host.engine();
    const unsyncedBefore = engine.unsyncedCount;
    this.passes++;
    this.host.onPass(this.passes, pass, costUs);
    this.inPass = true;
    this.quietRuns++;
    const unsynced = engine.syncWatchers();
    this.inPass = false;
    this.wakeVictims();
    if (!this.moreToCome()) return;
    const headway = unsynced !== 0 && unsynced < unsyncedBefore;
    this.queueSync(headway ? costUs : this.parameters.resyncPeriodUs);
  }

  /** A new victim wakes the loop, whatever it was waiting for. */
  private wakeVictims(): void {
    if (!this.victimsAdded) return;
    this.victimsAdded = false;
    this.queueVictims(0);
  }

  private queueVictims(delayUs: number): void {
    const run = ++this.victimRun;
    this.victimQueued = true;
    this.at(this.clock.nowUs + delayUs, () => {
      if (run !== this.victimRun) return;
      this.victimQueued = false;
      this.quietRuns++;
      const engine = this.host.engine();
      const moved = engine.moveVictims();
      if (engine.hasVictims && this.moreToCome()) {
        this.queueVictims(moved > 0 ? 0 : this.parameters.victimRetryUs);
      }
    });
  }

  /** Whether anything can still change: something is queued beside the loops, or the loops still change something. */
  private moreToCome(): boolean {
    const loops = (this.syncQueued ? 1 : 0) + (this.victimQueued ? 1 : 0);
    if (this.clock.size > loops) return true;
    const engine = this.host.engine();
    const waiting = engine.unsyncedCount > 0 || engine.hasVictims;
    return waiting && this.quietRuns < QUIET_RUNS;
  }
}
