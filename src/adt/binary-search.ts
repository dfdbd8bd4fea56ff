// Binary search over numbered places; the caller knows what is at each place.

/**
 * Returns the first of the places 0, 1, … for which `isBefore` is false, or `length` if there is none below it.
 * `isBefore` must be true up to some place, and false from there on.
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
