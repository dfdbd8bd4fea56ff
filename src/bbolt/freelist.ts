// The list of pages that may be written over. Follows bbolt's freelist: a run of pages with ids u64 in ascending
// order; a count of 0xFFFF in the header says that the count is the first u64 instead.

import { corruptAt } from './damage.js';
import type { Meta } from './meta.js';
import { PAGE_HEADER_BYTES } from './page-header.js';
import type { PageReader, PageRun } from './page-reader.js';
import { readU64LE } from './u64.js';

const COUNT_IS_FIRST = 0xffff;
const ID_BYTES = 8;

export interface Freelist {
  readonly run: PageRun;
  readonly count: number;
  ids(): Iterable<number>;
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
  return { run, count, ids: () => idsOf(run, start, count, pages.meta) };
}

function* idsOf({ place, bytes }: PageRun, start: number, count: number, meta: Meta): Iterable<number> {
  let before = 1;
  for (let i = 0; i < count; i++) {
    const id = readU64LE(bytes, start + i * ID_BYTES);
    if (id <= before || id >= meta.highWaterMark) {
      const offset = place.offset + start + i * ID_BYTES;
      throw corruptAt(
        place,
        `free page id ${id} (byte ${offset}) is not between ${before} and the high-water mark ${meta.highWaterMark}`,
      );
    }
    yield id;
    before = id;
  }
}
