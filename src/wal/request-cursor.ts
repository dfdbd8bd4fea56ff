// Reads the fields of a request. Fields that are not known are passed by, as a newer release may have more; a known one
// of another wire type is an error, as requests of the old API have the same numbers with other types.

import { MvccwError } from '../errors.js';

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

const MAX_VARINT_BYTES = 10;
const TWO_TO_32 = 2 ** 32;
/** Halves below this make a number that is exact. */
const EXACT_HIGH = 2 ** 21;

/** Goes through the fields of a message. It goes into the messages within, so that reading makes no garbage. */
export class RequestCursor {
  private at = 0;
  /** Where the message ends. */
  limit: number;
  private wireType = 0;
  /** The number of the field at which the cursor stands. */
  number = 0;
  /** Where its value begins and ends. */
  start = 0;
  end = 0;
  /** The halves of the number that `halves` has read. */
  high = 0;
  low = 0;

  constructor(private bytes: Buffer) {
    this.limit = bytes.length;
  }

  /** Begins with the message that lies in the bytes from `start` to `end`. */
  open(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.within(start, end);
  }

  /** Where the next field begins. */
  get position(): number {
    return this.at;
  }

  /** Begins with another part of the bytes. */
  within(start: number, end: number): void {
    this.at = start;
    this.limit = end;
  }

  /** Goes to the next field. Returns false at the end of the message; throws CORRUPT where the bytes are none. */
  next(): boolean {
    if (this.at >= this.limit) return false;
    const tag = this.varint();
    this.number = Math.floor(tag / 8);
    this.wireType = tag & 7;
    if (this.number === 0) this.fail('field number 0');
    if (this.wireType === BYTES) {
      const length = this.varint();
      this.start = this.at;
      this.at += length;
    } else {
      this.start = this.at;
      if (this.wireType === VARINT) this.varint();
      else if (this.wireType === FIXED_64) this.at += 8;
      else if (this.wireType === FIXED_32) this.at += 4;
      else this.failWireType();
    }
    this.end = this.at;
    if (this.at > this.limit) this.fail('a field that runs past its end');
    return true;
  }

  /** Goes into the message in the field; returns what to `leave` it with. Its fields are read up to the last. */
  enter(): number {
    this.block();
    const outer = this.limit;
    this.at = this.start;
    this.limit = this.end;
    return outer;
  }

  leave(outer: number): void {
    this.limit = outer;
  }

  private varint(): number {
    const { bytes, limit } = this;
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      if (this.at >= limit) this.fail('a number that is cut short');
      const byte = bytes[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    return this.fail('a number of more than 64 bits');
  }

  private fail(problem: string): never {
    throw new MvccwError('CORRUPT', `the request has ${problem}`);
  }

  private failWireType(): never {
    return this.fail(`wire type ${this.wireType} in field ${this.number}`);
  }

  /** Throws CORRUPT if the value is not one of bytes. */
  block(): void {
    if (this.wireType !== BYTES) this.failWireType();
  }

  /** Returns bytes as a byte string. */
  latin1(): string {
    this.block();
    return this.bytes.toString('latin1', this.start, this.end);
  }

  utf8(): string {
    this.block();
    return this.bytes.toString('utf8', this.start, this.end);
  }

  view(): Buffer {
    this.block();
    return this.bytes.subarray(this.start, this.end);
  }

  /** Reads a signed number; beyond 2^53 it is rounded. */
  integer(): number {
    if (this.wireType !== VARINT) this.failWireType();
    const { bytes, start, end } = this;
    if (end - start === 1) return bytes[start]!;
    if (end - start === MAX_VARINT_BYTES) return Number(this.int64());
    let value = 0;
    for (let at = end - 1; at >= start; at--) value = value * 0x80 + (bytes[at]! & 0x7f);
    return value;
  }

  boolean(): boolean {
    return this.integer() !== 0;
  }

  /** Reads a 64-bit number into `high` and `low`. */
  halves(): void {
    if (this.wireType !== VARINT) this.failWireType();
    const { bytes, start, end } = this;
    let [high, low] = [0, 0];
    for (let at = end - 1; at >= start; at--) {
      high = ((high << 7) | (low >>> 25)) >>> 0;
      low = ((low << 7) | (bytes[at]! & 0x7f)) >>> 0;
    }
    this.high = high;
    this.low = low;
  }

  uint64(): bigint {
    this.halves();
    const { high, low } = this;
    return high < EXACT_HIGH ? BigInt(high * TWO_TO_32 + low) : (BigInt(high) << 32n) | BigInt(low);
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  /** Reads the end of a range of etcd's API, where an empty end means one key, and a zero byte means no end. */
  rangeEnd(): string | undefined {
    const end = this.latin1();
    return end === '' ? undefined : end === '\0' ? '' : end;
  }
}
