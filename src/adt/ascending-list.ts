// A list of numbers in ascending order, 8 bytes each. It is outside the JavaScript heap, because the garbage collector
// lets the heap grow to a multiple of its contents.

import { countBefore } from './binary-search.js';

const FIRST_CAPACITY = 16;

export class AscendingList {
  private numbers = new Float64Array(0);
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** Returns the number at a place, counted from 0; undefined if the list is shorter. */
  at(place: number): number | undefined {
    return place < this.count ? this.numbers[place] : undefined;
  }

  /** Adds a number, which must not be below the last one. */
  push(number: number): void {
    if (this.count === this.numbers.length) {
      const longer = new Float64Array(Math.max(2 * this.count, FIRST_CAPACITY));
      longer.set(this.numbers);
      this.numbers = longer;
    }
    this.numbers[this.count++] = number;
  }

  /** Removes all numbers but the first `length`. */
  cut(length: number): void {
    this.count = Math.min(this.count, length);
  }

  /** Returns how many numbers are below `number`, which is the place of the first that is not. */
  countBelow(number: number): number {
    return countBefore(this.count, (place) => this.numbers[place]! < number);
  }
}
