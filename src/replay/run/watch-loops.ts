// etcd's two loops are tasks on the virtual clock:
//
//   sync loop     a pass; then the next one resyncPeriodUs later, or, if this one left fewer unsynced watchers, after
//                 only as long as it took
//   victim loop   woken by each new victim; tries as long as something moves, then each victimRetryUs
//
// A pass holds the store while it runs: commits, victims and actions wait for its end.
//
// Runs of a loop between which nothing happens are skipped, as they would find everything as it was. Of the runs at
//
//   now + period, now + 2 periods, …
//
// the first one at or behind the next task is queued, in the place that it has among the tasks of that time if each run
// queues the one after it. So a replay is the same with and without skipping.

import { MvccwError } from '../../errors.js';
import type { WatchEngine } from '../../watch/watch-engine.js';
import type { SyncPass } from '../../watch/watch-observer.js';
import { MAX_IDLE_RUNS } from './bounds.js';
import type { ReplayParameters } from './replay-options.js';
import type { Task, VirtualClock } from './virtual-clock.js';

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
  /** The runs that were not skipped, since something changed. */
  private idleRuns = 0;
  private syncTask: Task | undefined;

  constructor(
    private readonly clock: VirtualClock,
    private readonly parameters: Pick<ReplayParameters, 'resyncPeriodUs' | 'victimRetryUs'>,
    private readonly host: LoopHost,
    private readonly skips = true,
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
    this.idleRuns = 0;
  }

  noteVictim(): void {
    this.victimsAdded = true;
  }

  /** Runs a task on the store at a time, or as soon after as the store is free. */
  at(timeUs: number, task: () => void, background = false, queuedInUs = 0): void {
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
    this.clock.after(Math.max(timeUs - this.clock.nowUs, 0), run, background, queuedInUs);
  }

  private queueSync(delayUs: number, queuedInUs = 0): void {
    this.syncQueued = true;
    this.syncTask = this.clock.after(delayUs, () => this.sync(), false, queuedInUs);
  }

  /** Counts a run that may change nothing. Throws USAGE for a replay that would go on with such runs for hours. */
  private countRun(): void {
    this.quietRuns++;
    if (++this.idleRuns <= MAX_IDLE_RUNS) return;
    throw new MvccwError('USAGE', `the server's loops have run ${MAX_IDLE_RUNS} times, and nothing has changed`, {
      hint: 'choose a longer resyncPeriod or victimRetry, or stop the replay before with `until`',
    });
  }

  private sync(): void {
    this.syncQueued = false;
    const pass = this.host.engine().upcomingPass();
    if (pass === undefined) {
      // When nothing is queued that could change anything, every further tick would be like this one.
      // While no watcher is unsynced, the ticks before the next task do not matter.
      const { resyncPeriodUs } = this.parameters;
      const periods = this.periodsTo(this.clock.nextUs, resyncPeriodUs);
      if (this.clock.size > 0 && this.moreToCome()) {
        this.queueSync(periods * resyncPeriodUs, (periods - 1) * resyncPeriodUs);
      }
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

  /** Returns the number of periods, at least one, after which a tick is at or behind a time. */
  private periodsTo(timeUs: number | undefined, periodUs: number): number {
    if (!this.skips || timeUs === undefined) return 1;
    return Math.max(Math.ceil((timeUs - this.clock.nowUs) / periodUs), 1);
  }

  private runPass(pass: SyncPass, costUs: number): void {
    const engine = this.host.engine();
    const unsyncedBefore = engine.unsyncedCount;
    this.passes++;
    this.host.onPass(this.passes, pass, costUs);
    this.inPass = true;
    this.countRun();
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

  private queueVictims(delayUs: number, queuedInUs = 0): void {
    const run = ++this.victimRun;
    this.victimQueued = true;
    const task = () => {
      if (run !== this.victimRun) return;
      this.victimQueued = false;
      this.countRun();
      const engine = this.host.engine();
      const moved = engine.moveVictims();
      if (!engine.hasVictims || !this.moreToCome()) return;
      if (moved > 0) this.queueVictims(0);
      else this.retryVictims();
    };
    this.at(this.clock.nowUs + delayUs, task, false, queuedInUs);
  }

  /** Queues the first retry that may find room in a stream: only a task that is queued, or a pass, makes some. */
  private retryVictims(): void {
    const { victimRetryUs } = this.parameters;
    const periods = this.maySkipRetries() ? this.periodsTo(this.nextUsForVictims(), victimRetryUs) : 1;
    this.quietRuns += periods - 1;
    this.queueVictims(periods * victimRetryUs, (periods - 1) * victimRetryUs);
  }

  /**
   * Returns whether other tasks keep the replay going until the next one of them. Loops of the same period take turns,
   * in an order that only their runs tell.
   */
  private maySkipRetries(): boolean {
    const { resyncPeriodUs, victimRetryUs } = this.parameters;
    if (this.clock.size <= this.queuedLoops() || resyncPeriodUs === victimRetryUs) return false;
    return this.syncQueued || this.host.engine().unsyncedCount === 0;
  }

  /** A tick of the sync loop with no watcher to sync changes nothing. */
  private nextUsForVictims(): number | undefined {
    const isIdle = this.syncQueued && this.host.engine().unsyncedCount === 0;
    return isIdle ? this.clock.nextUsBeside(this.syncTask) : this.clock.nextUs;
  }

  private queuedLoops(): number {
    return (this.syncQueued ? 1 : 0) + (this.victimQueued ? 1 : 0);
  }

  /** Returns whether anything can still change: by a task beside the loops, or by the loops themselves. */
  private moreToCome(): boolean {
    if (this.clock.size > this.queuedLoops()) return true;
    const engine = this.host.engine();
    const waiting = engine.unsyncedCount > 0 || engine.hasVictims;
    return waiting && this.quietRuns < QUIET_RUNS;
  }
}
