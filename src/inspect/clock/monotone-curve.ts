// Finds the curves that never fall and lie as near to given times as one can: they have the least sum of distances. Times
// that contradict most others around them hardly move them, as they do not move a median.
//
//   times   1  2  3  900  4  5  6  7
//   lower   1  2  3   4   4  5  6  7
//   upper   1  2  3   5   5  5  6  7
//
// The known method ("slope trick") keeps the places at which the slope of the least sum changes in a heap: with each
// time, its place is added and as much weight as it has is taken off the highest ones, where the least sum rises.

/** A time at each place as a span: its distance is that from the nearer end, and 0 within. */
export interface WeightedSpans {
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** How much the distance counts. */
  readonly weight: Float64Array;
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

/** Returns the highest of the nearest curves. */
export function upperCurve({ low, high, weight }: WeightedSpans): Float64Array {
  const { length } = low;
  const curve = new Float64Array(length);
  // Each place leaves one number more in the heap, and one more for each that is taken only in part.
  const heap = new MaxHeap(2 * length + 2);
  const taken: number[] = [];
  const takenWeights: number[] = [];
  for (let place = 0; place < length; place++) {
    heap.push(high[place]!, weight[place]!);
    let count = 0;
    for (let left = weight[place]!; left > 0; ) {
      const { top, topWeight } = heap;
      taken[count] = top;
      takenWeights[count++] = Math.min(topWeight, left);
      if (topWeight > left) heap.topWeight = topWeight - left;
      else heap.pop();
      left -= topWeight;
    }
    // Here the sum of the distances up to this place begins to rise.
    curve[place] = taken[count - 1]!;
    // Of what was taken and of the low end, the lower half goes back.
    let left = weight[place]!;
    while (count > 0 && left > 0 && taken[count - 1]! < low[place]!) {
      heap.push(taken[--count]!, takenWeights[count]!);
      left -= takenWeights[count]!;
    }
    if (left > 0) heap.push(low[place]!, left);
  }
  for (let place = length - 2; place >= 0; place--) curve[place] = Math.min(curve[place]!, curve[place + 1]!);
  return curve;
}

/** Returns the lowest of the nearest curves. */
export function lowerCurve({ low, high, weight }: WeightedSpans): Float64Array {
  const mirrored = upperCurve({
    low: high.map((time) => -time).reverse(),
    high: low.map((time) => -time).reverse(),
    weight: weight.slice().reverse(),
  });
  return mirrored.map((time) => -time).reverse();
}
