// Reads the table of a leaf page that may be damaged, element by element. An intact page is a chain:
//
//   header | element 0 … n-1 | key 0, value 0 | key 1, value 1 | … | zeros
//
// each key begins where the value before ends, and the first where the table ends. So the place of the first key tells
// the number of elements a second time, and the end of the chain the number of pages. Where one of them is wrong, the
// others say what it was. An element that is wrong breaks the chain at its place only.

import type { PageSource } from '../page-source.js';
import { usedBytes } from '../used-bytes.js';
import { type PageHead, readHead } from './page-head.js';

const ELEMENT_BYTES = 16;
const HEADER_BYTES = 16;
/** A run of more pages than this is not believed. */
const MAX_RUN_BYTES = 128 * 1024 * 1024;

export interface ElementShape {
  readonly index: number;
  readonly flags: number;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueEnd: number;
  /** Whether its key begins where the element before ends. */
  readonly startsRight: boolean;
  /** Whether the next element begins, or the zeros do, where its value ends. */
  readonly endsRight: boolean;
}

export interface LeafShape {
  readonly pgid: number;
  readonly offset: number;
  readonly head: PageHead;
  /** The pages of the run, as far as they can be its own. */
  readonly bytes: Buffer;
  readonly runPages: number;
  /** The number of elements that the table has, as far as it can be told. */
  readonly count: number;
  /** Whether two places say so. */
  readonly isCountSure: boolean;
  /** Whether all of the page is as bbolt writes it. */
  readonly isWhole: boolean;
  /** Says what is wrong with the header; undefined if nothing is. */
  readonly headProblem: string | undefined;
}

const startOfElement = (index: number) => HEADER_BYTES + index * ELEMENT_BYTES;

/** Returns where the chain of `count` elements ends; -1 if it is broken. */
function chainEnd(bytes: Buffer, count: number): number {
  let end = startOfElement(count);
  if (end > bytes.length) return -1;
  for (let i = 0; i < count; i++) {
    const at = startOfElement(i);
    if (at + bytes.readUInt32LE(at + 4) !== end || bytes.readUInt32LE(at + 8) === 0) return -1;
    end += bytes.readUInt32LE(at + 8) + bytes.readUInt32LE(at + 12);
  }
  return end;
}

export interface ShapeOptions {
  readonly pageSize: number;
  readonly pageCount: number;
  /** Tells whether a page belongs to somebody else. Undefined for a page of the tree, whose run is its own. */
  readonly isTaken: ((pgid: number) => boolean) | undefined;
}

/** Reads the page as a leaf, whatever its header says. */
export function leafShapeAt(source: PageSource, pgid: number, options: ShapeOptions): LeafShape {
  const { pageSize, pageCount, isTaken } = options;
  const offset = pgid * pageSize;
  const read = (pages: number) => source.read(offset, Math.min(pages * pageSize, source.sizeBytes - offset));
  const first = read(1);
  const head = readHead(first, pgid);
  const maxPages = Math.min(pageCount - pgid, Math.floor(MAX_RUN_BYTES / pageSize));
  let runPages = head.overflow < maxPages ? head.overflow + 1 : 1;
  let bytes = runPages === 1 ? first : read(runPages);
  const tableCount = countByTable(bytes);
  const counts = [head.count, tableCount].filter((one) =>
    one === 0 ? head.count === 0 : Number.isInteger(one) && one > 0 && one <= 0xffff,
  );
  const count = counts.find((one) => chainEnd(bytes, one) >= 0) ?? Math.min(head.count, tableRoom(bytes));
  const end = chainEnd(bytes, count);
  const needed = Math.ceil(end / pageSize);
  if (end >= 0 && (needed > runPages || needed < runPages - 1)) {
    runPages = Math.max(Math.min(needed, maxPages), 1);
    bytes = read(runPages);
  }
  if (isTaken !== undefined) bytes = bytes.subarray(0, ownPages(bytes, pgid, pageSize, isTaken) * pageSize);
  const problems = [
    ...(head.id === pgid ? [] : [`its header says page ${head.id}`]),
    ...(head.flags === 2 ? [] : [`its header has flags 0x${head.flags.toString(16)}, a leaf page 0x2`]),
    ...(head.count === count ? [] : [`its header says ${head.count} elements, its table has ${count}`]),
    ...(head.overflow === runPages - 1
      ? []
      : [`its header says ${head.overflow} overflow pages, it has ${runPages - 1}`]),
  ];
  const isWhole =
    problems.length === 0 &&
    end >= 0 &&
    bytes.length === runPages * pageSize &&
    end <= bytes.length &&
    usedBytes(bytes, end) === end;
  const headProblem = problems.length === 0 ? undefined : problems.join('; ');
  const isCountSure = end >= 0 || (head.count === tableCount && count === tableCount);
  return { pgid, offset, head, bytes, runPages, count, isCountSure, isWhole, headProblem };
}

/** More bytes than this behind the data are not damage of what was unused: no record has so few. */
const MAX_STRAY_BYTES = 8;

/** Tells whether elements may have been taken off from within a page: then there is more data than the elements tell of. */
export function isTakenFrom({ bytes, count, isWhole, headProblem }: LeafShape): boolean {
  if (isWhole || headProblem !== undefined) return false;
  const end = chainEnd(bytes, count);
  return end >= 0 && bytes.subarray(end).filter((byte) => byte !== 0).length > MAX_STRAY_BYTES;
}

/** Returns the number of elements by the place of the first key: those of an empty page by nothing but its header. */
function countByTable(bytes: Buffer): number {
  const at = startOfElement(0);
  return bytes.length < startOfElement(1) ? 0 : (at + bytes.readUInt32LE(at + 4) - HEADER_BYTES) / ELEMENT_BYTES;
}

function tableRoom(bytes: Buffer): number {
  return Math.floor((bytes.length - HEADER_BYTES) / ELEMENT_BYTES);
}

/**
 * Returns how many of the pages are still the first one's own. A free page may have been taken by another run since, and
 * that run begins with a header of its own.
 */
function ownPages(bytes: Buffer, pgid: number, pageSize: number, isTaken: (pgid: number) => boolean): number {
  for (let page = 1; page * pageSize < bytes.length; page++) {
    if (isTaken(pgid + page) || readHead(bytes.subarray(page * pageSize), pgid + page).fits) return page;
  }
  return bytes.length / pageSize;
}

/** Yields the elements whose key and value lie within the run. */
export function* elementsOf({ bytes, count }: LeafShape): Iterable<ElementShape> {
  let expected = startOfElement(count);
  for (let index = 0; startOfElement(index + 1) <= bytes.length; index++) {
    const at = startOfElement(index);
    const keyStart = at + bytes.readUInt32LE(at + 4);
    const keyEnd = keyStart + bytes.readUInt32LE(at + 8);
    const valueEnd = keyEnd + bytes.readUInt32LE(at + 12);
    const isInside = keyStart >= at + ELEMENT_BYTES && keyEnd > keyStart && valueEnd <= bytes.length;
    // Behind the last element that the header or the table tells of, one that was cut off may follow.
    if (index >= count && !isInside) return;
    if (isInside) {
      const isLast = index === count - 1;
      const next = startOfElement(index + 1);
      const nextStart = isLast || next + ELEMENT_BYTES > bytes.length ? -1 : next + bytes.readUInt32LE(next + 4);
      const endsRight = isLast ? usedBytes(bytes, valueEnd) === valueEnd : nextStart === valueEnd;
      yield {
        index,
        flags: bytes.readUInt32LE(at),
        keyStart,
        keyEnd,
        valueEnd,
        startsRight: keyStart === expected,
        endsRight,
      };
    }
    expected = valueEnd;
  }
}

/** Tells whether a page holds nothing. */
export function isZero(page: Buffer): boolean {
  return usedBytes(page, 0) === 0;
}
