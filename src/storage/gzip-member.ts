// Reads what surrounds the packed bytes of one member of a gzip file (RFC 1952), which can have several, one behind the
// other:
//
//   10 bytes: 1f 8b, method 8, flags, time, ...   and, where the flags say so, extra field, name, comment, checksum
//   deflated bytes
//   8 bytes: CRC-32 and length (modulo 2^32) of what is unpacked, little-endian

import type { PageSource } from '../bbolt/page-source.js';

const MEMBER_MAGIC = '1f8b';
export const MEMBER_END_BYTES = 8;
const DEFLATE = 8;
const HEADER_BYTES = 10;
const FLAG = { headerChecksum: 2, extra: 4, name: 8, comment: 16 };

/** Tells whether a member begins at `offset`. */
export function isMember(source: PageSource, offset = 0): boolean {
  return source.sizeBytes - offset >= 2 && source.read(offset, 2).toString('hex') === MEMBER_MAGIC;
}

/**
 * Returns where the deflated bytes begin of the member at `offset`: 'cut' if the file ends before, or 'damaged' if the
 * header is none that any gzip writes.
 */
export function dataOf(source: PageSource, offset: number): number | 'cut' | 'damaged' {
  const { sizeBytes } = source;
  if (sizeBytes - offset < HEADER_BYTES) return 'cut';
  const header = source.read(offset, HEADER_BYTES);
  const flags = header[3]!;
  if (header[2] !== DEFLATE || flags >= 32) return 'damaged';
  let at = offset + HEADER_BYTES;
  if (flags & FLAG.extra) {
    if (sizeBytes - at < 2) return 'cut';
    at += 2 + source.read(at, 2).readUInt16LE();
  }
  for (const flag of [FLAG.name, FLAG.comment]) if (flags & flag) at = endOfText(source, at);
  if (flags & FLAG.headerChecksum) at += 2;
  return at < sizeBytes ? at : 'cut';
}

const TEXT_PIECE_BYTES = 256;

/** Returns the offset behind the zero byte that ends a text; the end of the file if there is none. */
function endOfText(source: PageSource, offset: number): number {
  for (let at = offset; at < source.sizeBytes; at += TEXT_PIECE_BYTES) {
    const end = source.read(at, Math.min(TEXT_PIECE_BYTES, source.sizeBytes - at)).indexOf(0);
    if (end >= 0) return at + end + 1;
  }
  return source.sizeBytes;
}

/** Returns the offset of the first byte from `offset` on that is not zero; undefined if there is none. */
export function firstNotZero(source: PageSource, offset: number): number | undefined {
  for (let at = offset; at < source.sizeBytes; at += TEXT_PIECE_BYTES) {
    const piece = source.read(at, Math.min(TEXT_PIECE_BYTES, source.sizeBytes - at));
    const found = piece.findIndex((byte) => byte !== 0);
    if (found >= 0) return at + found;
  }
  return undefined;
}
