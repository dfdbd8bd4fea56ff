// Half-open ranges of keys, as Interval and StringAffineComparable in etcd's pkg/adt/interval_tree.go:
//
//   { begin: 'b', end: 'd' }     b ≤ key < d
//   { begin: 'b', end: 'b\0' }   the one key b: a point
//   { begin: 'b', end: '' }      b ≤ key: an affine interval, whose end '' stands for infinity

/**
 * A range [begin, end) of latin-1 strings, one char a byte.
 *
 * Differs from etcd: '' means infinity only as an end. As a begin it is what it says, the lowest key of all; etcd
 * takes it for infinity there too, and relies on its callers to write '\0' instead.
 */
export interface Interval {
  readonly begin: string;
  readonly end: string;
}

/** Returns the interval that holds `key` alone: no other key sorts between `key` and `key` with a zero byte added. */
export function point(key: string): Interval {
  return { begin: key, end: `${key}\0` };
}

/** Returns whether an interval that begins at or before `key` and has this end holds `key`. */
export function endsAfter(end: string, key: string): boolean {
  return end === '' || end > key;
}

/** Returns whether the interval holds no key: its end is at or before its begin. */
export function isEmpty(interval: Interval): boolean {
  return !endsAfter(interval.end, interval.begin);
}

/** Returns whether two non-empty intervals share a key. Intervals that only touch, [a, b) and [b, c), share none. */
export function intersect(a: Interval, b: Interval): boolean {
  return endsAfter(a.end, b.begin) && endsAfter(b.end, a.begin);
}

/** Compares two ends; infinity is the last. */
export function compareEnds(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  return endsAfter(a, b) && b !== '' ? 1 : -1;
}

/** Compares two intervals by begin, then by end; 0 means that they are equal. */
export function compareIntervals(a: Interval, b: Interval): -1 | 0 | 1 {
  if (a.begin === b.begin) return compareEnds(a.end, b.end);
  return a.begin < b.begin ? -1 : 1;
}

export function laterEnd(a: string, b: string): string {
  return compareEnds(a, b) < 0 ? b : a;
}

/** Returns the interval as text for messages. */
export function describe({ begin, end }: Interval): string {
  return `[${JSON.stringify(begin)}, ${end === '' ? '∞' : JSON.stringify(end)})`;
}
