// A sorted set of numbers in runs of bounded length, so that an insert anywhere moves few of them. The caller says what
// the numbers stand for, and so how they are ordered.

import { countBefore } from './binary-search.js';

const MAX_RUN = 1024;

export class SortedRuns {
  /** Each run is sorted and not empty, and all of it is below the next run. */
  private readonly runs: number[][] = [];

  constructor(private readonly isBelow: (a: number, b: number) => boolean) {}

  /** Returns the run, and the place in it, of the first number that is not before what is looked for. */
  private find(isBefore: (number: number) => boolean): { readonly run: number; readonly at: number } {
    const run = Math.max(countBefore(this.runs.length, (place) => isBefore(this.runs[place]![0]!)) - 1, 0);
    const numbers = this.runs[run] ?? [];
    return { run, at: countBefore(numbers.length, (place) => isBefore(numbers[place]!)) };
  }

  /** Takes numbers that are in order, in place of all that were there. */
  fill(numbers: readonly number[]): void {
    this.runs.length = 0;
    for (let at = 0; at < numbers.length; at += MAX_RUN / 2) this.runs.push(numbers.slice(at, at + MAX_RUN / 2));
  }

  /** Adds a number; none that equals it in the order may be there. */
  insert(number: number): void {
    const { run, at } = this.find((other) => this.isBelow(other, number));
    const numbers = this.runs[run];
    if (numbers === undefined) {
      this.runs.push([number]);
      return;
    }
    numbers.splice(at, 0, number);
    if (numbers.length > MAX_RUN) this.runs.splice(run + 1, 0, numbers.splice(MAX_RUN / 2));
  }

  /** Removes the number that equals this one in the order. */
  delete(number: number): void {
    let { run, at } = this.find((other) => this.isBelow(other, number));
    if (at === this.runs[run]?.length) [run, at] = [run + 1, 0];
    const numbers = this.runs[run];
    if (numbers === undefined || this.isBelow(number, numbers[at]!)) return;
    numbers.splice(at, 1);
    if (numbers.length === 0) this.runs.splice(run, 1);
  }

  /** Yields the numbers from the first one on that is not before what is looked for. The set must not change meanwhile. */
  *from(isBefore: (number: number) => boolean): Iterable<number> {
    let { run, at } = this.find(isBefore);
    for (; run < this.runs.length; run++, at = 0) {
      const numbers = this.runs[run]!;
      for (; at < numbers.length; at++) yield numbers[at]!;
    }
  }
}
