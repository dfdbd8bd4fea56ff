// The list of pages that may be written over. Follows bbolt's freelist: a run of pages with ids u64, which bbolt writes
// in ascending order and sorts when it reads them; a count of 0xFFFF in the header says that the count is the first u64 instead.

import { corruptAt } from './damage.js';
import { PAGE_HEADER_BYTES } from './page-header.js';
import type { PageReader, PageRun } from './page-reader.js';
import { readU64LE } from './u64.js';

const COUNT_IS_FIRST = 0xffff;
const ID_BYTES = 8;

export interface Freelist {
  readonly run: PageRun;
  /** In ascending order, as they are listed: one may be there twice, or be the id of no page. */
  readonly ids: Float64Array;
}

/** Undefined if the file has none stored. */
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
