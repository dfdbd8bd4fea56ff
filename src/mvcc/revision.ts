// Revisions {main, sub} and their 17 or 18 byte keys, as in etcd's revision.go: main u64 BE, '_', sub u64 BE, and
// 't' after it for a tombstone.

import { MvccwError } from '../errors.js';

export interface Revision {
  /** The number of the write transaction. */
  readonly main: number;
  /** The number of the change in the transaction, from 0. */
  readonly sub: number;
}

/** The highest revision: beyond it, numbers are not exact. etcd's are 64 bits wide. */
export const MAX_REVISION = Number.MAX_SAFE_INTEGER;

/** Returns whether no revision can follow. */
export function isLastRevision(main: number): boolean {
  return main >= MAX_REVISION;
}

const SEPARATOR = 0x5f;
const TOMBSTONE_MARK = 0x74;
const KEY_BYTES = 17;
const TOMBSTONE_KEY_BYTES = 18;
const TWO_TO_32 = 0x1_0000_0000;

/** Writes a safe integer as 8 bytes, big-endian. */
export function writeU64(target: Buffer, value: number, offset: number): void {
  target.writeUInt32BE(Math.floor(value / TWO_TO_32), offset);
  target.writeUInt32BE(value % TWO_TO_32, offset + 4);
}

/** Returns a safe integer as 8 bytes, big-endian. */
export function u64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  writeU64(bytes, value, 0);
  return bytes;
}

/** Reads 8 big-endian bytes as a number, which is exact only up to 2^53. */
export function readU64(source: Buffer, offset: number): number {
  return source.readUInt32BE(offset) * TWO_TO_32 + source.readUInt32BE(offset + 4);
}

/** Encodes a revision as 17 bytes, or 18 with the tombstone mark. */
export function encodeRevisionKey(revision: Revision, tombstone = false): Buffer {
  const key = Buffer.allocUnsafe(tombstone ? TOMBSTONE_KEY_BYTES : KEY_BYTES);
  writeU64(key, revision.main, 0);
  key[8] = SEPARATOR;
  writeU64(key, revision.sub, 9);
  if (tombstone) key[KEY_BYTES] = TOMBSTONE_MARK;
  return key;
}

/** Returns the lowest key of a main revision: the bound for scans that start or end at whole revisions. */
export function revisionKeyBound(main: number): Buffer {
  const key = Buffer.alloc(8);
  writeU64(key, main, 0);
  return key;
}

export interface RevisionKey extends Revision {
  readonly tombstone: boolean;
}

function isMarked(key: Buffer): boolean {
  return key.length === TOMBSTONE_KEY_BYTES && key[KEY_BYTES] === TOMBSTONE_MARK;
}

/** Tells whether a key has the form of a revision key. */
export function isRevisionKey(key: Buffer): boolean {
  return (key.length === KEY_BYTES || isMarked(key)) && key[8] === SEPARATOR;
}

/** Decodes a revision key, or throws CORRUPT. */
export function decodeRevisionKey(key: Buffer): RevisionKey {
  if (!isRevisionKey(key)) {
    throw new MvccwError('CORRUPT', `not a revision key: ${key.subarray(0, 32).toString('hex')} (${key.length} bytes)`);
  }
  const main = readU64(key, 0);
  const sub = readU64(key, 9);
  if (!Number.isSafeInteger(main) || !Number.isSafeInteger(sub)) {
    throw new MvccwError('CORRUPT', `revision beyond 2^53 in key ${key.toString('hex')}`);
  }
  return { main, sub, tombstone: isMarked(key) };
}

/** Returns `main_sub`, the notation of etcd's tools. */
export function formatRevision(revision: Revision): string {
  return `${revision.main}_${revision.sub}`;
}
