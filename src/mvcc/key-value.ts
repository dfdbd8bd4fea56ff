// mvccpb.KeyValue as protobuf bytes. It is written as Go's generated code writes it (fields in number order, zero
// values left out), because hashes are computed over these bytes. Unknown fields are skipped when reading.

import { BYTES, MAX_FIELD_OVERHEAD_BYTES, ProtoReader, ProtoWriter, VARINT, varintBytes } from './protobuf.js';

/** One record of a key. Keys are latin-1 strings, one char a byte, so that string order is byte order. */
export interface KeyValue {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  /** The number of puts since the key was created; 0 in a tombstone. */
  readonly version: number;
  readonly value: Buffer;
  /** The id of the lease; 0 if there is none. */
  readonly lease: bigint;
}

const EMPTY = Buffer.alloc(0);

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

/** Encodes the record of a tombstone, which holds the key alone. */
export function encodeTombstone(key: string): Buffer {
  const writer = new ProtoWriter(varintBytes(key.length) + key.length + 1);
  writer.latin1(1, key);
  return writer.finish();
}

/** Returns the key of an encoded KeyValue without decoding the rest. */
export function decodeKeyOf(bytes: Buffer): string {
  // The key is nearly always the first field, and shorter than 128 bytes.
  const length = bytes[1];
  if (bytes[0] === 0x0a && length !== undefined && length < 0x80 && bytes.length >= length + 2) {
    return bytes.toString('latin1', 2, 2 + length);
  }
  return decodeKeyValue(bytes).key;
}

/** Decodes a KeyValue, or throws CORRUPT. The value is a view of `bytes`. */
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
