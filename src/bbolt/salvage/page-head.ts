// Reads page headers that may be damaged. Nothing is refused here: whoever reads decides what to make of a field.

import { readU64LE } from '../u64.js';

export const BRANCH_FLAG = 1;
export const LEAF_FLAG = 2;
const META_FLAG = 4;
export const FREELIST_FLAG = 16;
export const KNOWN_FLAGS: ReadonlySet<number> = new Set([BRANCH_FLAG, LEAF_FLAG, META_FLAG, FREELIST_FLAG]);

export function headFlags(bytes: Buffer, at = 0): number {
  return bytes.readUInt16LE(at + 8);
}

export interface PageHead {
  /** Whether the header has the id of its place, and one of bbolt's flags. */
  readonly fits: boolean;
  readonly id: number;
  readonly flags: number;
  readonly count: number;
  readonly overflow: number;
}

export function readHead(bytes: Buffer, pgid: number): PageHead {
  const id = readU64LE(bytes, 0);
  const flags = headFlags(bytes);
  return {
    fits: id === pgid && KNOWN_FLAGS.has(flags),
    id,
    flags,
    count: bytes.readUInt16LE(10),
    overflow: bytes.readUInt32LE(12),
  };
}
