// Finds how large the pages of a file are when no meta says it. Each page has its own id in its header, so that only with
// the right size do many headers fit their places.

import { MIN_PAGE_SIZE } from '../meta.js';
import type { PageSource } from '../page-source.js';
import { readU64LE } from '../u64.js';
import { headFlags, KNOWN_FLAGS } from './page-head.js';

/** The largest size that is tried. Systems have pages of 4 to 64 KiB, and bbolt takes theirs. */
const MAX_TRIED_BYTES = 1024 * 1024;
const PIECE_BYTES = 4 * MAX_TRIED_BYTES;
/** With so many fitting headers, and few for any other size, a size is sure. */
const ENOUGH = 64;

/** Returns the page size; undefined if no header fits its place. */
export function guessPageSize(source: PageSource): number | undefined {
  const fits = new Map<number, number>();
  for (let size = MIN_PAGE_SIZE; size <= MAX_TRIED_BYTES; size *= 2) fits.set(size, 0);
  for (let offset = 0; offset < source.sizeBytes; offset += PIECE_BYTES) {
    const piece = source.read(offset, Math.min(PIECE_BYTES, source.sizeBytes - offset));
    for (const size of fits.keys()) fits.set(size, fits.get(size)! + countFits(piece, offset, size));
    const [best, second] = [...fits.values()].sort((a, b) => b - a);
    if (best! >= ENOUGH && best! > 4 * second!) break;
  }
  const [best] = [...fits].sort(([, a], [, b]) => b - a);
  return best![1] > 0 ? best![0] : undefined;
}

/** Counts the headers that have the id of their place. Page 0 has it for every size. */
function countFits(piece: Buffer, offset: number, size: number): number {
  let count = 0;
  for (let at = 0; at + MIN_PAGE_SIZE <= piece.length; at += size) {
    const pgid = (offset + at) / size;
    if (pgid > 0 && readU64LE(piece, at) === pgid && KNOWN_FLAGS.has(headFlags(piece, at))) count++;
  }
  return count;
}
