// The one binary search: over places that stand in order, whatever stands there.

/**
 * Returns how many of the places 0, 1, … below `length` come before what is searched: the first that does not, or
 * `length`. `isBefore` must be true up to some place, and false from there on.
 */
export function countBefore(length: number, isBefore: (place: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
