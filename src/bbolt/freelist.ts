// The freelist names the pages that may be overwritten. It is a run of pages with ids u64, which bbolt writes in
// ascending order and sorts when it reads them. A count of 0xFFFF in the page header means that the first u64 is the
// count.

import { corruptAt } from './damage.js';
import { PAGE_HEADER_BYTES } from './page-header.js';
import type { FirstPage, PageReader, PageRun } from './page-reader.js';
import { readU64LE } from './u64.js';

const COUNT_IS_FIRST = 0xffff;
const ID_BYTES = 8;

export interface Freelist {
  readonly run: PageRun;
  /** The listed ids in ascending order. An id may be there twice, or name no page. */
  readonly ids: Float64Array;
}

/** Returns the freelist; undefined if the file has none. Throws CORRUPT. */
export function readFreelist(pages: PageReader): Freelist | undefined {
  const { freelist } = pages.meta;
  if (freelist === undefined) return undefined;
  const { highWaterMark } = pages.meta;
  const run = pages.readRun(freelist, ['freelist'], (first) => maxContentBytes(first, highWaterMark));
  const { count, start } = idsOf(run);
  if (count > (run.bytes.length - start) / ID_BYTES) {
    throw corruptAt(run.place, `${count} free page ids do not fit in its ${run.bytes.length} bytes`);
  }
  const ids = Float64Array.from({ length: count }, (_, i) => readU64LE(run.bytes, start + i * ID_BYTES));
  return { run, ids: ids.sort() };
}

/** Returns the number of ids, and where they start. */
function idsOf({ header, bytes }: FirstPage): { count: number; start: number } {
  if (header.count !== COUNT_IS_FIRST) return { count: header.count, start: PAGE_HEADER_BYTES };
  return { count: readU64LE(bytes, PAGE_HEADER_BYTES), start: PAGE_HEADER_BYTES + ID_BYTES };
}

/** Returns how much bbolt may have reckoned with: it takes the pages for the freelist off the list that it then writes. */
function maxContentBytes(first: FirstPage, highWaterMark: number): number {
  const { count, start } = idsOf(first);
  if (count > highWaterMark) {
    throw corruptAt(first.place, `${count} free page ids, but the file has only ${highWaterMark} pages`);
  }
  return start + (count + first.header.overflow + 1) * ID_BYTES;
}
