// The freelist names the pages that may be overwritten. It is a run of pages with ids u64, which bbolt writes in
// ascending order and sorts when it reads them. A count of 0xFFFF in the page header means that the first u64 is the
// count.

import { corruptAt } from './damage.js';
import { PAGE_HEADER_BYTES } from './page-header.js';
import type { PageReader, PageRun } from './page-reader.js';
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
  const run = pages.readRun(freelist, ['freelist']);
  const counted = run.header.count === COUNT_IS_FIRST;
  const count = counted ? readU64LE(run.bytes, PAGE_HEADER_BYTES) : run.header.count;
  const start = PAGE_HEADER_BYTES + (counted ? ID_BYTES : 0);
  if (count > (run.bytes.length - start) / ID_BYTES) {
    throw corruptAt(run.place, `${count} free page ids do not fit in its ${run.bytes.length} bytes`);
  }
  const ids = Float64Array.from({ length: count }, (_, i) => readU64LE(run.bytes, start + i * ID_BYTES));
  return { run, ids: ids.sort() };
}
