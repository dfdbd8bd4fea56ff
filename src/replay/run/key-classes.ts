// The key space is cut at every bound of a watched range, so that the class of a key says which ranges hold it:
//
//   ranges           [a, m)            [f, f]           [k, ∞)
//   bounds       a           f     f\0       k         m
//   classes  -   0           1     2         3         4        [a, m) is 0 to 3, [f, f] is 1, [k, ∞) is 3 to 4
//
// A binary search finds the class of a record once. Whether a watcher wants the record is then a comparison of small
// integers.

import { countBefore } from '../../adt/binary-search.js';
import { intervalOf, type KeyRange } from '../../mvcc/key-range.js';

/** The classes that a range covers; none when `last` is below `first`. */
export interface ClassRange {
  readonly first: number;
  readonly last: number;
}

/** The class of a key that no range holds. */
export const NO_CLASS = -1;

export class KeyClasses {
  private readonly bounds: readonly string[];
  /** Says of each class whether some range holds it. */
  private readonly watched: Uint8Array;

  constructor(ranges: readonly KeyRange[]) {
    const bounds = new Set<string>();
    for (const range of ranges) for (const bound of boundsOf(range)) bounds.add(bound);
    this.bounds = [...bounds].sort((a, b) => (a < b ? -1 : 1));
    this.watched = this.coverOf(ranges);
  }

  private coverOf(ranges: readonly KeyRange[]): Uint8Array {
    const { bounds } = this;
    const steps = new Int32Array(bounds.length + 1);
    for (const range of ranges) {
      const { first, last } = this.of(range)!;
      if (last < first) continue;
      steps[first]!++;
      steps[last + 1]!--;
    }
    let ranging = 0;
    return Uint8Array.from(bounds, (_, at) => {
      ranging += steps[at]!;
      return ranging > 0 ? 1 : 0;
    });
  }

  get count(): number {
    return this.bounds.length;
  }

  /** Returns the classes of a range; undefined when its bounds are not among those that were given. */
  of(range: KeyRange): ClassRange | undefined {
    const [begin, end] = boundsOf(range);
    const first = this.lastAtOrBelow(begin!);
    if (this.bounds[first] !== begin) return undefined;
    if (end === undefined) return { first, last: this.bounds.length - 1 };
    const above = this.lastAtOrBelow(end);
    return this.bounds[above] === end ? { first, last: above - 1 } : undefined;
  }

  /** Returns the class of a key; NO_CLASS when no range holds it. */
  classOf(key: string): number {
    const at = this.lastAtOrBelow(key);
    return at >= 0 && this.watched[at] === 1 ? at : NO_CLASS;
  }

  private lastAtOrBelow(key: string): number {
    const { bounds } = this;
    return countBefore(bounds.length, (place) => bounds[place]! <= key) - 1;
  }
}

function boundsOf(range: KeyRange): string[] {
  const { begin, end } = intervalOf(range);
  return end === '' ? [begin] : [begin, end];
}
