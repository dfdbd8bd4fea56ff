// Finds the curves that never fall and lie as near to given times as one can: they have the least sum of distances. Times
// that contradict most others around them hardly move them, as they do not move a median.
//
//   times   1  2  3  900  4  5  6  7
//   lower   1  2  3   4   4  5  6  7
//   upper   1  2  3   5   5  5  6  7
//
// The known method ("slope trick") keeps the places at which the slope of the least sum changes in a heap: with each
// time, its place is added and as much weight as it has is taken off the highest ones, where the least sum rises.

/** A time as a span: its distance is that from the nearer end, and 0 within. */
export interface WeightedSpan {
  readonly low: number;
  readonly high: number;
  /** How much its distance counts. */
  readonly weight: number;
}

/** A heap of numbers, each with a weight, and the highest on top. */
class MaxHeap {
  private readonly numbers: Float64Array;
  private readonly weights: Float64Array;
  private count = 0;

  constructor(capacity: number) {
    this.numbers = new Float64Array(capacity);
    this.weights = new Float64Array(capacity);
  }

  get top(): number {
    return this.numbers[0]!;
  }

  get topWeight(): number {
    return this.weights[0]!;
  }

  set topWeight(weight: number) {
    this.weights[0] = weight;
  }

  push(number: number, weight: number): void {
    const { numbers, weights } = this;
    let at = this.count++;
    for (; at > 0; at = (at - 1) >>> 1) {
      const above = (at - 1) >>> 1;
      if (numbers[above]! >= number) break;
      numbers[at] = numbers[above]!;
      weights[at] = weights[above]!;
    }
    numbers[at] = number;
    weights[at] = weight;
  }

  /** Takes the highest number off. The heap must not be empty. */
  pop(): void {
    const { numbers, weights } = this;
    const [number, weight] = [numbers[--this.count]!, weights[this.count]!];
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= this.count) break;
      if (below + 1 < this.count && numbers[below + 1]! > numbers[below]!) below++;
      if (numbers[below]! <= number) break;
      numbers[at] = numbers[below]!;
      weights[at] = weights[below]!;
      at = below;
    }
    numbers[at] = number;
    weights[at] = weight;
  }
}

/** Returns the highest of the nearest curves at each of `length` places. */
export function upperCurve(length: number, spanAt: (place: number) => WeightedSpan): Float64Array {
  const curve = new Float64Array(length);
  // Each place leaves one number more in the heap, and one more for each that is taken only in part.
  const heap = new MaxHeap(2 * length + 2);
  const taken: [number: number, weight: number][] = [];
  for (let place = 0; place < length; place++) {
    const { low, high, weight } = spanAt(place);
    heap.push(high, weight);
    let left = weight;
    while (left > 0) {
      const { top, topWeight } = heap;
      taken.push([top, Math.min(topWeight, left)]);
      if (topWeight > left) heap.topWeight = topWeight - left;
      else heap.pop();
      left -= topWeight;
    }
    // Here the sum of the distances up to this place begins to rise.
    curve[place] = taken.at(-1)![0];
    // Of what was taken and of the low end, the lower half goes back.
    left = weight;
    for (let next = taken.pop(); next !== undefined && left > 0 && next[0] < low; next = taken.pop()) {
      heap.push(next[0], next[1]);
      left -= next[1];
    }
    if (left > 0) heap.push(low, left);
    taken.length = 0;
  }
  for (let place = length - 2; place >= 0; place--) curve[place] = Math.min(curve[place]!, curve[place + 1]!);
  return curve;
}

/** Returns the lowest of the nearest curves at each of `length` places. */
export function lowerCurve(length: number, spanAt: (place: number) => WeightedSpan): Float64Array {
  const mirrored = upperCurve(length, (place) => {
    const { low, high, weight } = spanAt(length - 1 - place);
    return { low: -high, high: -low, weight };
  });
  return mirrored.map((time) => -time).reverse();
}
