// The values of one table as they lie in LMDB. From format 2 on, each ends in a sum of its row:
//
//   value  crc32(4)      over: seed of the table, value, length of the key, key
//
// So a row that is damaged, or strays to another key or table, is seen when it is read. lmdb hands out values in a
// buffer that it uses again, so they are copied.

import { crc32 } from 'node:zlib';
import type { TableName } from '../mvcc/backend.js';

const SUM_BYTES = 4;

export class RowValues {
  /** Whether values end in a sum. */
  summed = false;
  private readonly seed: number;
  /** The sum at the end of the value that was read last; undefined if the value is too short for one. */
  private storedSum: number | undefined;
  /** The sum of the value that was read last, without its key. */
  private valueSum = 0;

  constructor(name: TableName) {
    this.seed = crc32(`mvccw ${name}`);
  }

  /** Returns what lmdb writes: the bytes as they are. */
  encode(bytes: Buffer): Buffer {
    return bytes;
  }

  /** Returns the value in what lmdb has read. */
  decode(bytes: Buffer): Buffer {
    return this.take(copyOf(bytes));
  }

  /** Returns the value in bytes that nobody uses again, as a view of them. */
  take(bytes: Buffer): Buffer {
    const { length } = bytes;
    if (!this.summed) return bytes;
    if (length < SUM_BYTES) {
      this.storedSum = undefined;
      return bytes;
    }
    const value = bytes.subarray(0, length - SUM_BYTES);
    this.valueSum = sumOf(value, this.seed);
    this.storedSum = readU32(bytes, length - SUM_BYTES);
    return value;
  }

  /** Returns the sum of the row that was read last, if it is the one that its value ends in. */
  sumOfLast(key: Buffer): number | undefined {
    const sum = withKey(this.valueSum, key);
    return sum === this.storedSum ? sum : undefined;
  }

  sum(key: Buffer, value: Buffer): number {
    return withKey(sumOf(value, this.seed), key);
  }

  /** Returns a value with the sum of its row behind it. */
  withSum(value: Buffer, sum: number): Buffer {
    const bytes = Buffer.allocUnsafe(value.length + SUM_BYTES);
    bytes.set(value);
    bytes.writeUInt32BE(sum, value.length);
    return bytes;
  }
}

/** Continues a sum. zlib begins anew where there are no bytes, or does not, by where the empty buffer lies. */
function sumOf(bytes: Buffer, start: number): number {
  return bytes.length === 0 ? start : crc32(bytes, start);
}

function withKey(valueSum: number, key: Buffer): number {
  // With the length, a byte that moves from the key to the value changes the sum.
  return crc32(key, (valueSum ^ key.length) >>> 0);
}

/** Copies a buffer of lmdb, whose own methods go by the size of all of it. */
function copyOf({ buffer, byteOffset, length }: Buffer): Buffer {
  const copy = Buffer.allocUnsafe(length);
  copy.set(new Uint8Array(buffer, byteOffset, length));
  return copy;
}

function readU32(bytes: Buffer, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
