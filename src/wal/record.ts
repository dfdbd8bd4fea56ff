// A record of the log (walpb.Record): a type, a checksum, and data. The checksum is over the data of all records so far.

import { MvccwError } from '../errors.js';

/** The types of records. */
export const METADATA = 1;
export const ENTRY = 2;
export const STATE = 3;
/** Holds the checksum so far, and no data; each segment begins with one. */
export const CRC = 4;
export const SNAPSHOT = 5;

/** The bytes of a record without its data: three tags, a type, a checksum, and a length. */
export const MAX_HEAD_BYTES = 24;

/** Reads the head of a record: all but the bytes of its data. A reader is used again for the next record. */
export class RecordHead {
  type = 0;
  crc = 0;
  /** Where the data begins; where the record ends if it has none. */
  dataStart = 0;
  dataEnd = 0;
  hasData = false;
  private at = 0;

  /** Reads the record that begins at `start`, of which the bytes up to `limit` are there. Throws CORRUPT. */
  read(bytes: Buffer, start: number, limit: number): void {
    this.at = start;
    this.tag(bytes, 0x08, 'a type');
    this.type = this.varint(bytes, limit);
    this.tag(bytes, 0x10, 'a checksum');
    this.crc = this.varint(bytes, limit);
    if (this.crc > 0xffff_ffff) throw new MvccwError('CORRUPT', 'the record has a checksum of more than 32 bits');
    this.hasData = this.at < limit && bytes[this.at] === 0x1a;
    if (this.hasData) {
      this.at++;
      const length = this.varint(bytes, limit);
      this.dataEnd = this.at + length;
    } else this.dataEnd = this.at;
    this.dataStart = this.at;
  }

  private tag(bytes: Buffer, expected: number, what: string): void {
    if (bytes[this.at++] !== expected) throw new MvccwError('CORRUPT', `the record has no field for ${what}`);
  }

  private varint(bytes: Buffer, limit: number): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 42; scale *= 0x80) {
      if (this.at >= limit) break;
      const byte = bytes[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new MvccwError('CORRUPT', 'the record has a number that does not end');
  }
}
