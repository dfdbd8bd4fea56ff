// Virtual time is a whole number of microseconds from 0, and moves only to the next task. Tasks of equal time run in
// the order in which they were queued, which makes a replay repeatable.

import { MvccwError } from '../../errors.js';
import { formatDuration, MAX_DURATION_US } from './duration.js';

export interface Task {
  readonly timeUs: number;
  readonly queuedUs: number;
  readonly order: number;
  readonly run: () => void;
  readonly background: boolean;
}

function before(a: Task, b: Task): boolean {
  if (a.timeUs !== b.timeUs) return a.timeUs < b.timeUs;
  return a.queuedUs === b.queuedUs ? a.order < b.order : a.queuedUs < b.queuedUs;
}

export class VirtualClock {
  /** The tasks are a binary heap with the next one at index 0. */
  private readonly heap: Task[] = [];
  private queuedTasks = 0;
  private foregroundTasks = 0;
  private currentUs = 0;

  get nowUs(): number {
    return this.currentUs;
  }

  /** The number of queued tasks, without those in the background. */
  get size(): number {
    return this.foregroundTasks;
  }

  /** The time of the next task; undefined when there is none. */
  get nextUs(): number | undefined {
    return this.heap[0]?.timeUs;
  }

  /** Returns the time of the next task that is not this one; undefined when there is none. */
  nextUsBeside(task: Task | undefined): number | undefined {
    if (this.heap[0] !== task) return this.nextUs;
    const [, left, right] = this.heap;
    return left !== undefined && right !== undefined && before(right, left) ? right.timeUs : left?.timeUs;
  }

  /**
   * Queues a task `delayUs` from now. A background task, such as a ticker, does not keep a replay from ending. A loop
   * that skips runs says with `queuedInUs` when the last of them would have queued the task.
   */
  after(delayUs: number, run: () => void, background = false, queuedInUs = 0): Task {
    const timeUs = this.currentUs + delayUs;
    const queuedUs = this.currentUs + queuedInUs;
    const task = { timeUs, queuedUs, order: this.queuedTasks++, run, background };
    if (!background) this.foregroundTasks++;
    const { heap } = this;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (before(heap[parent]!, task)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = task;
    return task;
  }

  /**
   * Moves to the next task and runs it; returns false when there is none. Throws USAGE when times would not be exact.
   */
  step(): boolean {
    const { heap } = this;
    const next = heap[0];
    if (next === undefined) return false;
    if (next.timeUs > MAX_DURATION_US) {
      throw new MvccwError('USAGE', `the replay goes on after ${formatDuration(MAX_DURATION_US)}, where times end`, {
        hint: 'choose higher rates or shorter times, or stop it before with `until`',
      });
    }
    const moved = heap.pop()!;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (before(moved, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    if (heap.length > 0) heap[at] = moved;
    this.currentUs = next.timeUs;
    if (!next.background) this.foregroundTasks--;
    next.run();
    return true;
  }
}
