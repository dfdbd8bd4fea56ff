// A meta says where the tree of one transaction begins. This file follows bbolt's meta.go. Behind the page header of 16
// bytes a meta has:
//
//   0 magic u32 | 4 version u32 | 8 page size u32 | 12 flags u32 | 16 root bucket: page id u64, sequence u64
//   32 freelist page id u64 | 40 high-water mark u64 | 48 txid u64 | 56 FNV-64a of the bytes before

import type { Place } from './damage.js';
import { fnv64a } from './fnv.js';
import { PAGE_HEADER_BYTES } from './page-header.js';
import { readU64LE } from './u64.js';

export const MAGIC = 0xed0cdaed;
export const FORMAT_VERSION = 2;
/** Where the checksum is, behind the magic number. */
export const CHECKSUM_OFFSET = 56;
export const FREELIST_NOT_STORED = 0xffff_ffff_ffff_ffffn;

/** The length of a meta with its page header, to the end of the checksum. */
export const META_PAGE_BYTES = PAGE_HEADER_BYTES + CHECKSUM_OFFSET + 8;

export const FIRST_PAGE_BEHIND_METAS = 2;

export const MIN_PAGE_SIZE = 1024;
export const MAX_PAGE_SIZE = 16 * 1024 * 1024;

export interface Meta {
  readonly place: Place;
  readonly pageSize: number;
  /** The root page of the bucket that holds all other buckets. */
  readonly root: number;
  readonly sequence: bigint;
  /** The page of the freelist; undefined if it is not stored, which is how etcd runs bbolt. */
  readonly freelist: number | undefined;
  /** The lowest page id that was never used. */
  readonly highWaterMark: number;
  readonly txid: number;
}

/** Why bytes are not a valid meta: something else (foreign), another version, or damage. */
export interface MetaProblem {
  readonly kind: 'foreign' | 'version' | 'damaged';
  readonly text: string;
}

/** Decodes a meta from the first META_PAGE_BYTES of its page; there are fewer if the file ends there. */
export function decodeMeta(page: Buffer, place: Place): Meta | MetaProblem {
  const body = page.subarray(PAGE_HEADER_BYTES);
  if (body.length < 4) return { kind: 'foreign', text: `there are only ${page.length} bytes` };
  if (body.readUInt32BE(0) === MAGIC) {
    return { kind: 'version', text: 'written on a big-endian machine, which this program does not read' };
  }
  const magic = body.readUInt32LE(0);
  if (magic !== MAGIC) return { kind: 'foreign', text: `the magic number is ${hex(magic, 8)}, not ${hex(MAGIC, 8)}` };
  if (page.length < META_PAGE_BYTES) return { kind: 'damaged', text: `it is cut short after ${page.length} bytes` };

  const checksum = fnv64a(body.subarray(0, CHECKSUM_OFFSET));
  const stored = body.readBigUInt64LE(CHECKSUM_OFFSET);
  if (checksum !== stored) {
    return { kind: 'damaged', text: `its checksum is ${hex(checksum, 16)}, but ${hex(stored, 16)} is stored` };
  }
  const version = body.readUInt32LE(4);
  if (version !== FORMAT_VERSION) {
    return { kind: 'version', text: `format version ${version}, and this program reads version ${FORMAT_VERSION}` };
  }

  const freelist = body.readBigUInt64LE(32);
  const meta: Meta = {
    place,
    pageSize: body.readUInt32LE(8),
    root: readU64LE(body, 16),
    sequence: body.readBigUInt64LE(24),
    freelist: freelist === FREELIST_NOT_STORED ? undefined : Number(freelist),
    highWaterMark: readU64LE(body, 40),
    txid: readU64LE(body, 48),
  };
  const impossible = findImpossible(meta);
  return impossible === undefined ? meta : { kind: 'damaged', text: impossible };
}

/** Says which field cannot be used although the checksum is right. */
function findImpossible({ pageSize, highWaterMark, txid }: Meta): string | undefined {
  const powerOfTwo = (pageSize & (pageSize - 1)) === 0;
  if (!powerOfTwo || pageSize < MIN_PAGE_SIZE || pageSize > MAX_PAGE_SIZE) {
    return `the page size ${pageSize} is not a power of two from ${MIN_PAGE_SIZE} to ${MAX_PAGE_SIZE}`;
  }
  if (!Number.isSafeInteger(highWaterMark * pageSize)) return `the high-water mark ${highWaterMark} is beyond reason`;
  if (!Number.isSafeInteger(txid)) return `the txid ${txid} is beyond reason`;
  return undefined;
}

function hex(value: number | bigint, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
