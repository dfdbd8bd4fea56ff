// Finds the curve that never falls and lies as near to given times as one can: it has the least sum of distances. Times
// that contradict most others around them hardly move it, as they do not move a median.
//
//   times   1  2  3  900  4  5  6  7
//   curve   1  2  3   5   5  5  6  7
//
// The known method ("slope trick") keeps the places at which the slope of the least sum changes in a heap: with each
// time, its place is added and the highest one taken, which is where the least sum ends to be least.

/** A heap of numbers with the highest on top. */
class MaxHeap {
  private readonly numbers: Float64Array;
  private count = 0;

  constructor(capacity: number) {
    this.numbers = new Float64Array(capacity);
  }

  get top(): number {
    return this.count === 0 ? Number.NEGATIVE_INFINITY : this.numbers[0]!;
  }

  push(number: number): void {
    const { numbers } = this;
    let at = this.count++;
    for (; at > 0; at = (at - 1) >>> 1) {
      const above = numbers[(at - 1) >>> 1]!;
      if (above >= number) break;
      numbers[at] = above;
    }
    numbers[at] = number;
  }

  /** Takes the highest number off. The heap must not be empty. */
  pop(): number {
    const { numbers } = this;
    const highest = numbers[0]!;
    const last = numbers[--this.count]!;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= this.count) break;
      if (below + 1 < this.count && numbers[below + 1]! > numbers[below]!) below++;
      if (numbers[below]! <= last) break;
      numbers[at] = numbers[below]!;
      at = below;
    }
    numbers[at] = last;
    return highest;
  }
}

/**
 * Returns the curve at each of `length` places. At place i it should lie between `low(i)` and `high(i)`; its distance is
 * that from the nearer of both, and 0 between them. Of several curves that are as near, it is the highest.
 */
export function monotoneCurve(
  length: number,
  low: (place: number) => number,
  high: (place: number) => number,
): Float64Array {
  const curve = new Float64Array(length);
  const heap = new MaxHeap(length + 1);
  for (let place = 0; place < length; place++) {
    heap.push(high(place));
    // Here the sum of the distances up to this place begins to rise.
    curve[place] = heap.pop();
    heap.push(Math.min(low(place), curve[place]!));
  }
  for (let place = length - 2; place >= 0; place--) curve[place] = Math.min(curve[place]!, curve[place + 1]!);
  return curve;
}
