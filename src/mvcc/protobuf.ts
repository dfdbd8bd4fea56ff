// The parts of the protobuf wire format that etcd's records need. Fields are written in the order of the calls, and
// read one after the other.

import assert from 'node:assert';
import { MvccwError } from '../errors.js';

export const VARINT = 0;
export const BYTES = 2;
export const MAX_FIELD_OVERHEAD_BYTES = 11;

const MAX_VARINT_BYTES = 10;
/** The tags of fields below this number are one byte. */
const MAX_FIELDS = 16;
const EMPTY = Buffer.alloc(0);

export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}

/** Appends protobuf fields to a buffer. */
export class ProtoWriter {
  private readonly buffer: Buffer;
  private at = 0;

  constructor(sizeBytes: number) {
    this.buffer = Buffer.allocUnsafe(sizeBytes);
  }

  private varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.at++] = rest;
  }

  private tag(field: number, wireType: number): void {
    this.buffer[this.at++] = (field << 3) | wireType;
  }

  number(field: number, value: number): void {
    if (value === 0) return;
    this.tag(field, VARINT);
    this.varint(value);
  }

  bigint(field: number, value: bigint): void {
    if (value === 0n) return;
    this.tag(field, VARINT);
    let rest = BigInt.asUintN(64, value);
    while (rest >= 0x80n) {
      this.buffer[this.at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.buffer[this.at++] = Number(rest);
  }

  latin1(field: number, value: string): void {
    if (value.length === 0) return;
    this.tag(field, BYTES);
    this.varint(value.length);
    this.at += this.buffer.write(value, this.at, 'latin1');
  }

  bytes(field: number, value: Buffer): void {
    if (value.length === 0) return;
    this.tag(field, BYTES);
    this.varint(value.length);
    this.at += value.copy(this.buffer, this.at);
  }

  finish(): Buffer {
    return this.buffer.subarray(0, this.at);
  }
}

/**
 * Reads the fields of a message, in the one form in which etcd writes them: in number order, each at most once, zero
 * values left out, and numbers in as few bytes as they need. Everything else is damage. A reader is used again for the
 * next message, so that reading makes no garbage.
 */
export class ProtoReader {
  private bytes: Buffer = EMPTY;
  private at = 0;
  private last = 0;
  /** Where the block that was read last begins. */
  start = 0;
  /** Where it ends. */
  end = 0;

  /** `wireTypes` has the wire type of each field that the message can have, from field 1 on. */
  constructor(
    private readonly what: string,
    private readonly wireTypes: readonly number[],
  ) {
    assert(wireTypes.length < MAX_FIELDS, 'a tag is one byte');
  }

  /** Begins with a message. */
  open(bytes: Buffer): void {
    this.bytes = bytes;
    this.at = 0;
    this.last = 0;
  }

  private fail(problem: string): never {
    throw new MvccwError('CORRUPT', `${this.what}: ${problem} at byte ${this.at} of ${this.bytes.length}`);
  }

  /** Returns the number of the next field, whose value is read next; 0 at the end. */
  next(): number {
    if (this.at >= this.bytes.length) return 0;
    const tag = this.bytes[this.at]!;
    const field = tag >> 3;
    if (field <= this.last || field > this.wireTypes.length || this.wireTypes[field - 1] !== (tag & 7)) {
      return this.failAtTag();
    }
    this.at++;
    this.last = field;
    return field;
  }

  private failAtTag(): never {
    const tag = this.varint();
    const field = Math.floor(tag / 8);
    // Zero bytes after a record, whose size in the file is wrong, look like this.
    if (field === 0) this.fail('field number 0');
    if (field > this.wireTypes.length) this.fail(`field ${field}, which etcd does not write`);
    if (field === this.last) this.fail(`field ${field} twice`);
    if (field < this.last) this.fail(`field ${field} behind field ${this.last}`);
    return this.fail(`wire type ${tag & 7} where ${this.wireTypes[field - 1]} was expected`);
  }

  private varint(): number {
    const bytes = this.bytes;
    let byte = bytes[this.at++];
    if (byte === undefined) this.fail('varint cut short');
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let scale = 0x80; ; scale *= 0x80) {
      byte = bytes[this.at++];
      if (byte === undefined) this.fail('varint cut short');
      value += (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) this.fail('number beyond 2^53');
      if (byte === 0) this.fail('varint longer than its number');
      if (byte < 0x80) return value;
    }
  }

  /** Reads a number above 0. */
  number(): number {
    const value = this.varint();
    if (value === 0) this.fail(`field ${this.last} is 0, which etcd leaves out`);
    return value;
  }

  /** Reads a 64-bit number other than 0, which may be negative. */
  int64(): bigint {
    const start = this.at;
    this.passInt64();
    let value = 0n;
    for (let at = this.at - 1; at >= start; at--) value = (value << 7n) | BigInt(this.bytes[at]! & 0x7f);
    return BigInt.asIntN(64, value);
  }

  private passInt64(): void {
    const start = this.at;
    for (;;) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) this.fail('varint cut short');
      const length = this.at - start;
      if (length === MAX_VARINT_BYTES && byte > 1) this.fail('varint beyond 64 bits');
      if (byte >= 0x80) continue;
      if (byte === 0) {
        this.fail(length > 1 ? 'varint longer than its number' : `field ${this.last} is 0, which etcd leaves out`);
      }
      return;
    }
  }

  /** Reads a string of at least one byte; `start` and `end` say where it lies. */
  block(): void {
    const length = this.varint();
    if (length === 0) this.fail(`field ${this.last} is empty, which etcd leaves out`);
    this.start = this.at;
    this.end = this.at + length;
    if (this.end > this.bytes.length) this.fail(`field of ${length} bytes runs past the end`);
    this.at = this.end;
  }
}
