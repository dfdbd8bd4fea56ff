// A page header is the first 16 bytes of every page: id u64, flags u16, count u16, overflow u32. This file follows
// bbolt's page.go.

import { corruptAt, type Place } from './damage.js';
import { readU64LE } from './u64.js';

export const PAGE_HEADER_BYTES = 16;

/** The kinds of page and their flags; a page has exactly one flag. */
export const PAGE_FLAGS = { branch: 1, leaf: 2, meta: 4, freelist: 16 } as const;
export type PageKind = keyof typeof PAGE_FLAGS;

export interface PageHeader {
  readonly kind: PageKind;
  /** The number of elements on the page. */
  readonly count: number;
  /** The number of pages behind this one that belong to it. */
  readonly overflow: number;
}

const KINDS = Object.keys(PAGE_FLAGS) as PageKind[];

/** Reads a header. Throws CORRUPT unless it names the page `pgid` and is of one of `kinds`. */
export function decodePageHeader(
  bytes: Buffer,
  place: Place,
  pgid: number,
  kinds: readonly [PageKind, ...PageKind[]],
): PageHeader {
  checkLength(bytes, place);
  if (readU64LE(bytes, 0) !== pgid) {
    throw corruptAt(place, `its header says page ${bytes.readBigUInt64LE(0)}, expected ${pgid}`);
  }
  return headerOf(bytes, place, kinds);
}

/** Reads the header of an inline page. Its id and overflow have no meaning, and bbolt ignores them. Throws CORRUPT. */
export function decodeInlineHeader(bytes: Buffer, place: Place): PageHeader {
  checkLength(bytes, place);
  return headerOf(bytes, place, ['leaf']);
}

function checkLength(bytes: Buffer, place: Place): void {
  if (bytes.length >= PAGE_HEADER_BYTES) return;
  throw corruptAt(place, `${bytes.length} bytes cannot hold a page header of ${PAGE_HEADER_BYTES}`);
}

function headerOf(bytes: Buffer, place: Place, kinds: readonly PageKind[]): PageHeader {
  const flags = bytes.readUInt16LE(8);
  const kind = KINDS.find((name) => PAGE_FLAGS[name] === flags);
  if (kind === undefined || !kinds.includes(kind)) {
    const found = kind === undefined ? `flags 0x${flags.toString(16).padStart(2, '0')}` : `a ${kind} page`;
    throw corruptAt(place, `expected a ${kinds.join(' or ')} page, found ${found}`);
  }
  return { kind, count: bytes.readUInt16LE(10), overflow: bytes.readUInt32LE(12) };
}
