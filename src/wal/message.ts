// Reads the protobuf messages of the log: strictly, as a flipped bit in the type of a record, which no checksum covers,
// shows only in the shape of what the record holds.

import { MvccwError } from '../errors.js';

export const VARINT = 0;
export const BYTES = 2;

const MAX_VARINT_BYTES = 10;

/**
 * Reads the fields of a message one after the other. A reader is used again for the next message, so that reading makes
 * no garbage. It throws CORRUPT where the bytes are no such message.
 */
export class MessageReader {
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private limit = 0;
  private last = 0;
  /** Where the block that was read last begins. */
  start = 0;
  /** Where it ends. */
  end = 0;

  /** `wireTypes` has the wire type of each field that the message can have, from field 1 on. */
  constructor(
    private readonly what: string,
    private readonly wireTypes: readonly number[],
  ) {}

  /** Begins with the message that lies in the bytes from `start` to `end`. */
  open(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.limit = end;
    this.last = 0;
  }

  fail(problem: string): never {
    throw new MvccwError('CORRUPT', `${this.what} ${problem}`);
  }

  /** Returns the number of the next field, whose value is read next; 0 at the end. Fields come in number order. */
  next(): number {
    const before = this.last;
    const field = this.nextRepeated();
    if (field !== 0 && field === before) this.fail(`has field ${field} twice`);
    return field;
  }

  /** Returns what `next` does, of a message in which a field may come more than once. */
  nextRepeated(): number {
    if (this.at >= this.limit) return 0;
    const tag = this.bytes[this.at++]!;
    const field = tag >> 3;
    if (tag >= 0x80 || this.wireTypes[field - 1] !== (tag & 7)) this.fail(`has no field with tag ${tag}`);
    if (field < this.last) this.fail(`has field ${field} behind field ${this.last}`);
    this.last = field;
    return field;
  }

  /** Reads a number from 0 to 2^53 - 1. */
  number(): number {
    const { bytes, limit } = this;
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      if (this.at >= limit) this.fail('has a number that is cut short');
      if (scale > 2 ** 63) this.fail('has a number beyond 64 bits');
      const byte = bytes[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) this.fail('has a number beyond 2^53');
      if (byte < 0x80) return value;
    }
  }

  /** Reads a 64-bit number as an unsigned one. */
  uint64(): bigint {
    let value = 0n;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      if (this.at >= this.limit) this.fail('has a number that is cut short');
      const byte = this.bytes[this.at++]!;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return this.fail('has a number beyond 64 bits');
  }

  /** Reads a string; `start` and `end` say where it lies. */
  block(): void {
    const length = this.number();
    this.start = this.at;
    this.end = this.at + length;
    if (this.end > this.limit) this.fail(`has a field of ${length} bytes that runs past its end`);
    this.at = this.end;
  }
}
