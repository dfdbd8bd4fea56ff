// mvccpb.KeyValue and leasepb.Lease as protobuf bytes. Written as Go's generated code writes them (fields in number
// order, zero values left out), because hashes are taken over these bytes. Unknown fields are skipped when reading.

import { MvccwError } from '../errors.js';

/** One record of a key. Keys are latin-1 strings (one char a byte), so that string order is byte order. */
export interface KeyValue {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  /** Counts the puts since the key was created; 0 in a tombstone. */
  readonly version: number;
  readonly value: Buffer;
  /** 0 is no lease. */
  readonly lease: bigint;
}

const EMPTY = Buffer.alloc(0);
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}

/** Protobuf fields appended in order to one buffer. */
class ProtoWriter {
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

const MAX_FIELD_OVERHEAD_BYTES = 11;

export function encodeKeyValue(kv: KeyValue): Buffer {
  const writer = new ProtoWriter(kv.key.length + kv.value.length + 6 * MAX_FIELD_OVERHEAD_BYTES);
  writer.latin1(1, kv.key);
  writer.number(2, kv.createRevision);
  writer.number(3, kv.modRevision);
  writer.number(4, kv.version);
  writer.bytes(5, kv.value);
  writer.bigint(6, kv.lease);
  return writer.finish();
}

/** What a tombstone's record holds: the key alone. */
export function encodeTombstone(key: string): Buffer {
  const writer = new ProtoWriter(varintBytes(key.length) + key.length + 1);
  writer.latin1(1, key);
  return writer.finish();
}

class ProtoReader {
  private at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly what: string,
  ) {}

  private fail(problem: string): never {
    throw new MvccwError('CORRUPT', `${this.what}: ${problem} at byte ${this.at} of ${this.bytes.length}`);
  }

  /** The next field's number and wire type; undefined at the end. */
  next(): { field: number; wireType: number } | undefined {
    if (this.at >= this.bytes.length) return undefined;
    const tag = this.number();
    const field = Math.floor(tag / 8);
    // Go's generated code refuses it too. Zero bytes behind a record, where its size in the file is wrong, come as this.
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

/** The key of an encoded KeyValue, without decoding the rest. */
export function decodeKeyOf(bytes: Buffer): string {
  // The key is nearly always the first field, and shorter than 128 bytes.
  const length = bytes[1];
  if (bytes[0] === 0x0a && length !== undefined && length < 0x80 && bytes.length >= length + 2) {
    return bytes.toString('latin1', 2, 2 + length);
  }
  return decodeKeyValue(bytes).key;
}

/** Reads a KeyValue, or throws CORRUPT. The value is a view of `bytes`. */
export function decodeKeyValue(bytes: Buffer): KeyValue {
  const reader = new ProtoReader(bytes, 'key-value record');
  let key = '';
  let createRevision = 0;
  let modRevision = 0;
  let version = 0;
  let value: Buffer = EMPTY;
  let lease = 0n;
  for (let tag = reader.next(); tag !== undefined; tag = reader.next()) {
    const { field, wireType } = tag;
    if (field === 1 || field === 5) {
      reader.expect(wireType, BYTES);
      const block = reader.block();
      if (field === 1) key = block.toString('latin1');
      else value = block;
    } else if (field >= 2 && field <= 4) {
      reader.expect(wireType, VARINT);
      const number = reader.number();
      if (field === 2) createRevision = number;
      else if (field === 3) modRevision = number;
      else version = number;
    } else if (field === 6) {
      reader.expect(wireType, VARINT);
      lease = reader.bigint();
    } else {
      reader.skip(wireType);
    }
  }
  return { key, createRevision, modRevision, version, value, lease };
}

/** A lease as etcd stores it; the remaining time that a checkpoint recorded is kept beside the granted one. */
export interface LeaseRecord {
  readonly id: bigint;
  readonly ttlSeconds: number;
  readonly remainingTtlSeconds: number;
}

export function encodeLease(lease: LeaseRecord): Buffer {
  const writer = new ProtoWriter(3 * MAX_FIELD_OVERHEAD_BYTES);
  writer.bigint(1, lease.id);
  writer.number(2, lease.ttlSeconds);
  writer.number(3, lease.remainingTtlSeconds);
  return writer.finish();
}

/** Reads a leasepb.Lease, or throws CORRUPT. */
export function decodeLease(bytes: Buffer): LeaseRecord {
  const reader = new ProtoReader(bytes, 'lease record');
  let id = 0n;
  let ttlSeconds = 0;
  let remainingTtlSeconds = 0;
  for (let tag = reader.next(); tag !== undefined; tag = reader.next()) {
    const { field, wireType } = tag;
    if (field >= 1 && field <= 3) reader.expect(wireType, VARINT);
    if (field === 1) id = reader.bigint();
    else if (field === 2) ttlSeconds = reader.number();
    else if (field === 3) remainingTtlSeconds = reader.number();
    else reader.skip(wireType);
  }
  return { id, ttlSeconds, remainingTtlSeconds };
}
