// A table record says where the tree of a table begins and what is in it. The metas hold two, of the tree of free pages
// and of the tree of tables; that one holds the others. (LMDB's MDB_db.)

import { readU64LE } from '../../bbolt/u64.js';

export const TABLE_RECORD_BYTES = 48;

/** The root of a tree without pages. In the file all of its bits are set. */
export const NO_PAGE = Number.POSITIVE_INFINITY;
const ALL_BITS = 0xffff_ffff;

/** The number of levels that LMDB's cursors can hold. */
const MAX_DEPTH = 32;

export interface TableRecord {
  /** The page size in the record of the free pages, 0 in others. */
  readonly pad: number;
  readonly flags: number;
  /** The number of levels: 1 for a single leaf, 0 for a tree without pages. */
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
  readonly root: number;
}

export function readTableRecord(bytes: Buffer, at: number): TableRecord {
  return {
    pad: bytes.readUInt32LE(at),
    flags: bytes.readUInt16LE(at + 4),
    depth: bytes.readUInt16LE(at + 6),
    branchPages: readU64LE(bytes, at + 8),
    leafPages: readU64LE(bytes, at + 16),
    overflowPages: readU64LE(bytes, at + 24),
    entries: readU64LE(bytes, at + 32),
    root: readRoot(bytes, at + 40),
  };
}

/** Numbers near 2^64 are rounded when they are read, so the bits are compared. */
function readRoot(bytes: Buffer, at: number): number {
  const isNone = bytes.readUInt32LE(at) === ALL_BITS && bytes.readUInt32LE(at + 4) === ALL_BITS;
  return isNone ? NO_PAGE : readU64LE(bytes, at);
}

export function pagesOf({
  branchPages,
  leafPages,
  overflowPages,
}: Pick<TableRecord, 'branchPages' | 'leafPages' | 'overflowPages'>): number {
  return branchPages + leafPages + overflowPages;
}

/** Returns what is wrong with a record, in itself; undefined if nothing is. `lastPage` is the last of the file. */
export function wrongInRecord(record: TableRecord, lastPage: number): string | undefined {
  const { depth, branchPages, leafPages, entries, root } = record;
  const pages = pagesOf(record);
  if (root === NO_PAGE) {
    if (depth === 0 && pages === 0 && entries === 0) return undefined;
    return `a tree has no root, but ${depth} levels, ${pages} pages and ${entries} entries`;
  }
  if (root < 2 || root > lastPage) return `a tree has its root in page ${root}, of 2 to ${lastPage}`;
  if (depth === 0 || depth > MAX_DEPTH) return `a tree with a root has ${depth} levels`;
  if (pages > lastPage - 1) return `a tree has ${pages} pages, of ${lastPage - 1} that are no metas`;
  if (branchPages < depth - 1 || leafPages < 1 || (depth === 1 && (branchPages !== 0 || leafPages !== 1))) {
    return `a tree of ${depth} levels has ${branchPages} branch and ${leafPages} leaf pages`;
  }
  if (entries < leafPages) return `a tree has ${entries} entries in ${leafPages} leaf pages`;
  return undefined;
}
