// Numbers in ascending order, 8 bytes each, outside of the heap: what stands there makes the collector let the heap grow
// to a multiple of it.

import { countBefore } from './binary-search.js';

const FIRST_CAPACITY = 16;

export class AscendingList {
  private numbers = new Float64Array(0);
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** The number at a place from 0; undefined where there is none. */
  at(place: number): number | undefined {
    return place < this.count ? this.numbers[place] : undefined;
  }

  /** `number` is not below the last. */
  push(number: number): void {
    if (this.count === this.numbers.length) {
      const longer = new Float64Array(Math.max(2 * this.count, FIRST_CAPACITY));
      longer.set(this.numbers);
      this.numbers = longer;
    }
    this.numbers[this.count++] = number;
  }

  /** Forgets all behind the first `length`. */
  cut(length: number): void {
    this.count = Math.min(this.count, length);
  }

  /** How many are below a number: the place of the first that is not. */
  countBelow(number: number): number {
    return countBefore(this.count, (place) => this.numbers[place]! < number);
  }
}
