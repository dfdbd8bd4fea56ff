// Reads the records of a segment, one frame after the other, and checks each against the checksum over all records so
// far. A frame is
//
//   +--------------------+----------------------+----------+
//   | length, 8 bytes LE | record (walpb.Record) | padding | to a multiple of 8 bytes
//   +--------------------+----------------------+----------+
//     the highest byte of the length is 0x80 + the number of bytes of padding, or 0 if there are none
//
// A length of zero ends the segment: etcd fills new segments with zeros before it writes to them. The last write of a
// server that was killed may be incomplete. Disks write sectors of 512 bytes, so this shows as a sector that is still all
// zero, or as a file that ends within a frame. This is the end of the log and no damage, but only in its last segment,
// and only if no record follows.

import { crc32c } from '../bytes/crc32c.js';
import { MvccwError } from '../errors.js';
import { PieceWindow } from './piece-window.js';
import { CRC, MAX_HEAD_BYTES, RecordHead } from './record.js';
import type { SegmentSource } from './segment.js';

const LENGTH_BYTES = 8;
const SECTOR_BYTES = 512;
const TWO_TO_32 = 2 ** 32;
/** The most bytes that a message of protobuf can have. */
const MAX_RECORD_BYTES = 2 ** 31 - 1;

/** Why reading stopped at a byte of a segment. */
export type Stop =
  | { readonly kind: 'end'; readonly offset: number }
  /** A write that was never finished. */
  | { readonly kind: 'torn'; readonly offset: number; readonly problem: string }
  | { readonly kind: 'damage'; readonly offset: number; readonly problem: string };

export class FrameReader {
  readonly head = new RecordHead();
  /** Where the frame of the record begins in the segment; where the next one begins, when reading stopped. */
  offset = 0;
  /** How many bytes the data of the record lies behind `offset`. */
  dataDistance = 0;
  private next = 0;
  private readonly window: PieceWindow;

  /** `crc` is the checksum over all records of the segments before; undefined if these are not there. */
  constructor(
    private readonly source: SegmentSource,
    private readonly isLast: boolean,
    public crc: number | undefined,
  ) {
    this.window = new PieceWindow(source);
  }

  /** The bytes that `head` speaks of. */
  get bytes(): Buffer {
    return this.window.bytes;
  }

  /** Reads the next record. Returns undefined if there is one, otherwise why not. */
  advance(): Stop | undefined {
    const stop = this.read();
    if (stop === undefined || stop.kind === 'end' || !this.isLast) return stop;
    // The server may run, and have been at writing when this was read.
    this.window.forget();
    return this.read();
  }

  private read(): Stop | undefined {
    const { head, window, source } = this;
    this.offset = this.next;
    const rest = source.sizeBytes - this.offset;
    if (rest < LENGTH_BYTES) return this.tooShort(rest);
    const at = window.hold(this.offset, LENGTH_BYTES);
    if (isZeroLength(window.bytes, at)) return this.endOfRecords();
    const length = lengthAt(window.bytes, at);
    if (length === undefined) return this.damage('the length of the frame does not agree with its padding');
    if (length > MAX_RECORD_BYTES) return this.damage(`the frame has ${length} bytes, which no record can have`);
    const padding = paddingOf(length);

    const start = this.offset + LENGTH_BYTES;
    const end = start + length + padding;
    const headBytes = Math.min(length, MAX_HEAD_BYTES);
    if (rest - LENGTH_BYTES < headBytes) return this.cutShort(end);
    let place = window.hold(start, headBytes);
    try {
      head.read(window.bytes, place, place + headBytes);
    } catch (error) {
      return this.perhapsTorn(end, messageOf(error));
    }
    if (head.dataEnd - place !== length) {
      return this.damage(`the record has ${head.dataEnd - place} bytes, but its frame has ${length}`);
    }
    if (end > source.sizeBytes) return this.cutShort(end);

    const shift = -place;
    place = window.hold(start, length + padding);
    head.dataStart += shift + place;
    head.dataEnd += shift + place;
    const problem = this.checksumProblem();
    if (problem !== undefined) return this.perhapsTorn(end, problem);
    for (let i = 0; i < padding; i++) {
      if (window.bytes[place + length + i] !== 0) return this.damage('the padding of the record is not zero');
    }
    this.dataDistance = LENGTH_BYTES + head.dataStart - place;
    this.next = end;
    return undefined;
  }

  /** Continues the checksum; returns what is wrong with it. */
  private checksumProblem(): string | undefined {
    const { head } = this;
    if (head.type === CRC) {
      if (head.hasData) return 'the record of a checksum holds data';
      if (this.crc !== undefined && head.crc !== this.crc) {
        return `the records before it have the checksum ${hex(this.crc)}, and ${hex(head.crc)} is written`;
      }
      this.crc = head.crc;
      return undefined;
    }
    if (this.crc === undefined) return 'the segment does not begin with the checksum of those before it';
    const sum = crc32c(this.window.bytes, this.crc, head.dataStart, head.dataEnd);
    if (sum !== head.crc) return `the record has the checksum ${hex(sum)}, and ${hex(head.crc)} is written`;
    this.crc = sum;
    return undefined;
  }

  private damage(problem: string): Stop {
    return { kind: 'damage', offset: this.offset, problem };
  }

  private torn(problem: string): Stop {
    return { kind: 'torn', offset: this.offset, problem };
  }

  /** Less is left than a length. */
  private tooShort(rest: number): Stop {
    if (this.window.isZero(this.offset, this.offset + rest)) return { kind: 'end', offset: this.offset };
    return this.cutShort(this.offset + LENGTH_BYTES);
  }

  private cutShort(end: number): Stop {
    const missing = end - this.source.sizeBytes;
    const problem = `the file ends ${missing} bytes before the end of the frame`;
    return this.isLast ? this.torn(problem) : this.damage(problem);
  }

  /** A frame cannot be read: it is torn if a sector of it was never written and no record follows. */
  private perhapsTorn(end: number, problem: string): Stop {
    const { sizeBytes } = this.source;
    if (!this.isLast || end > sizeBytes) return this.damage(problem);
    const torn = this.hasZeroSector(end) && this.window.isZero(end, sizeBytes);
    return torn ? this.torn('a sector of the last record was never written') : this.damage(problem);
  }

  private hasZeroSector(end: number): boolean {
    for (let start = this.offset; start < end; ) {
      const sectorEnd = Math.min(sectorAfter(start), end);
      if (this.window.isZero(start, sectorEnd)) return true;
      start = sectorEnd;
    }
    return false;
  }

  /** A length of zero: only zeros follow, or what is left of a write whose first sector was never written. */
  private endOfRecords(): Stop {
    const { sizeBytes } = this.source;
    if (this.window.isZero(this.offset, sizeBytes)) return { kind: 'end', offset: this.offset };
    const sectorEnd = Math.min(sectorAfter(this.offset), sizeBytes);
    if (this.isLast && this.window.isZero(this.offset, sectorEnd) && !this.hasRecordFrom(sectorEnd)) {
      return this.torn('the first sector of the last record was never written');
    }
    return this.damage('zeros where the length of a frame is expected, and other bytes behind them');
  }

  /** Returns whether something that looks like a frame lies behind a byte of the segment. */
  private hasRecordFrom(start: number): boolean {
    const { window, source, head } = this;
    for (let offset = start; offset + LENGTH_BYTES + MAX_HEAD_BYTES <= source.sizeBytes; offset += LENGTH_BYTES) {
      const at = window.hold(offset, LENGTH_BYTES + MAX_HEAD_BYTES);
      const length = lengthAt(window.bytes, at);
      const place = at + LENGTH_BYTES;
      if (length === undefined || window.bytes[place] !== 0x08) continue;
      try {
        head.read(window.bytes, place, place + MAX_HEAD_BYTES);
      } catch {
        continue;
      }
      if (head.dataEnd - place === length) return true;
    }
    return false;
  }
}

function isZeroLength(bytes: Buffer, at: number): boolean {
  return bytes.readUInt32LE(at) === 0 && bytes.readUInt32LE(at + 4) === 0;
}

/** Reads the length of a frame; undefined if it does not agree with the number of bytes of padding. */
function lengthAt(bytes: Buffer, at: number): number | undefined {
  const high = bytes.readUInt32LE(at + 4);
  const length = bytes.readUInt32LE(at) + (high & 0xff_ffff) * TWO_TO_32;
  const padding = paddingOf(length);
  return high >>> 24 === (padding === 0 ? 0 : 0x80 + padding) ? length : undefined;
}

function paddingOf(length: number): number {
  return (LENGTH_BYTES - (length % LENGTH_BYTES)) % LENGTH_BYTES;
}

function sectorAfter(offset: number): number {
  return (Math.floor(offset / SECTOR_BYTES) + 1) * SECTOR_BYTES;
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}

function messageOf(error: unknown): string {
  if (error instanceof MvccwError) return error.message;
  throw error;
}
