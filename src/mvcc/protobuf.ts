// The parts of the protobuf wire format that etcd's records need. Fields are written in the order of the calls, and
// read one after the other.

import { MvccwError } from '../errors.js';

export const VARINT = 0;
const FIXED64 = 1;
export const BYTES = 2;
const FIXED32 = 5;
export const MAX_FIELD_OVERHEAD_BYTES = 11;

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

export class ProtoReader {
  private at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly what: string,
  ) {}

  private fail(problem: string): never {
    throw new MvccwError('CORRUPT', `${this.what}: ${problem} at byte ${this.at} of ${this.bytes.length}`);
  }

  /** Returns the number and wire type of the next field; undefined at the end. */
  next(): { field: number; wireType: number } | undefined {
    if (this.at >= this.bytes.length) return undefined;
    const tag = this.number();
    const field = Math.floor(tag / 8);
    // Go's generated code refuses it too. Zero bytes after a record, whose size in the file is wrong, look like this.
    if (field === 0) this.fail('field number 0');
    return { field, wireType: tag & 7 };
  }

  number(): number {
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
      if (byte < 0x80) return value;
    }
  }

  bigint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) this.fail('varint cut short');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    return this.fail('varint longer than 10 bytes');
  }

  block(): Buffer {
    const length = this.number();
    const end = this.at + length;
    if (end > this.bytes.length) this.fail(`field of ${length} bytes runs past the end`);
    const block = this.bytes.subarray(this.at, end);
    this.at = end;
    return block;
  }

  skip(wireType: number): void {
    if (wireType === VARINT) this.bigint();
    else if (wireType === BYTES) this.block();
    else if (wireType === FIXED64) this.at += 8;
    else if (wireType === FIXED32) this.at += 4;
    else this.fail(`unknown wire type ${wireType}`);
    if (this.at > this.bytes.length) this.fail('field runs past the end');
  }

  expect(wireType: number, wanted: number): void {
    if (wireType !== wanted) this.fail(`wire type ${wireType} where ${wanted} was expected`);
  }
}
