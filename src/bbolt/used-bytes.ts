// Finds the end of what is not zero in a page.

const ZEROS = Buffer.alloc(64 * 1024);

/** Returns the offset behind the last byte that is not 0, at or behind `from`; `from` if there is none. */
export function usedBytes(bytes: Buffer, from: number): number {
  let end = bytes.length;
  while (end - from >= ZEROS.length && bytes.compare(ZEROS, 0, ZEROS.length, end - ZEROS.length, end) === 0) {
    end -= ZEROS.length;
  }
  if (end > from && end - from < ZEROS.length && bytes.compare(ZEROS, 0, end - from, from, end) === 0) return from;
  while (end > from && bytes[end - 1] === 0) end--;
  return Math.max(end, from);
}
