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

/** The interval that holds `key` alone: nothing sorts between it and itself with a zero byte added. */
export function point(key: string): Interval {
  return { begin: key, end: `${key}\0` };
}

/** Whether an interval with this end, if it begins at or before `key`, holds `key`. */
export function endsAfter(end: string, key: string): boolean {
  return end === '' || end > key;
}

/** Whether no key fits in: the end is at or before the begin. */
export function isEmpty(interval: Interval): boolean {
  return !endsAfter(interval.end, interval.begin);
}

/** Whether some key is in both; neither may be empty. Those that only touch, [a, b) and [b, c), share none. */
export function intersect(a: Interval, b: Interval): boolean {
  return endsAfter(a.end, b.begin) && endsAfter(b.end, a.begin);
}

/** Orders ends, infinity last. */
export function compareEnds(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  return endsAfter(a, b) && b !== '' ? 1 : -1;
}

/** Orders intervals by begin, then by end; 0 only for the very same one. */
export function compareIntervals(a: Interval, b: Interval): -1 | 0 | 1 {
  if (a.begin === b.begin) return compareEnds(a.end, b.end);
  return a.begin < b.begin ? -1 : 1;
}

export function laterEnd(a: string, b: string): string {
  return compareEnds(a, b) < 0 ? b : a;
}

/** For messages. */
export function describe({ begin, end }: Interval): string {
  return `[${JSON.stringify(begin)}, ${end === '' ? '∞' : JSON.stringify(end)})`;
}
