// etcd's two loops are tasks on the virtual clock:
//
//   sync loop     a pass; then the next one resyncPeriodUs later, or, if this one left fewer unsynced watchers, after
//                 only as long as it took
//   victim loop   woken by each new victim; tries as long as something moves, then each victimRetryUs
//
// A pass holds the store while it runs: commits, victims and actions wait for its end.

import type { WatchEngine } from '../../watch/watch-engine.js';
import type { SyncPass } from '../../watch/watch-observer.js';
import type { ReplayParameters } from './replay-options.js';
import type { VirtualClock } from './virtual-clock.js';

/** A replay with nothing else to come ends after so many runs of the loops in which nothing changed. */
const QUIET_RUNS = 8;

/** The part of the replay that the loops work on. */
export interface LoopHost {
  /** Returns the engine, which is another one after a restart. */
  engine(): WatchEngine;
  costUs(pass: SyncPass): number;
  /** A pass begins; passes are numbered from 1. */
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

  /** Queues the first pass, for now. */
  start(): void {
    this.queueSync(0);
  }

  /** The number of the pass that is under way; undefined between passes. */
  get pass(): number | undefined {
    return this.inPass ? this.passes : undefined;
  }

  /** Notes a change, after which the loops may have more to do. */
  noteChange(): void {
    this.quietRuns = 0;
  }

  noteVictim(): void {
    this.victimsAdded = true;
  }

  /** Runs a task on the store at a time, or as soon after as the store is free. */
  at(timeUs: number, task: () => void, background = false): void {
    const run = () => {
      // A task that was queued before the pass may come at its very end, and waits too.
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
      // When nothing is queued that could change anything, every further tick would be like this one.
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

  /**
   * Returns the time to the first tick that matters: while no watcher is unsynced, the ticks before the next task do
   * not.
   */
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

  /** Wakes the victim loop if there is a new victim, whatever the loop was waiting for. */
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

  /** Returns whether anything can still change: by a task beside the loops, or by the loops themselves. */
  private moreToCome(): boolean {
    const loops = (this.syncQueued ? 1 : 0) + (this.victimQueued ? 1 : 0);
    if (this.clock.size > loops) return true;
    const engine = this.host.engine();
    const waiting = engine.unsyncedCount > 0 || engine.hasVictims;
    return waiting && this.quietRuns < QUIET_RUNS;
  }
}
