// mvccpb.KeyValue as protobuf bytes. It is written as Go's generated code writes it (fields in number order, zero
// values left out), because hashes are computed over these bytes. It is read in no other form.

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

/** What an encoded KeyValue says, without anything made of its bytes. It is good until the next one is read. */
export interface KeyValueFields {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  readonly hasValue: boolean;
  readonly hasLease: boolean;
}

class FieldReader implements KeyValueFields {
  keyStart = 0;
  keyEnd = 0;
  createRevision = 0;
  modRevision = 0;
  version = 0;
  hasValue = false;
  hasLease = false;
  value: Buffer = EMPTY;
  lease = 0n;
  private readonly reader = new ProtoReader('key-value record', [BYTES, VARINT, VARINT, VARINT, BYTES, VARINT]);

  /** With `whole`, the value and the lease are read too. */
  read(bytes: Buffer, whole: boolean): void {
    const { reader } = this;
    reader.open(bytes);
    this.keyStart = this.keyEnd = this.createRevision = this.modRevision = this.version = 0;
    this.hasValue = this.hasLease = false;
    this.value = EMPTY;
    this.lease = 0n;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) {
        reader.block();
        this.keyStart = reader.start;
        this.keyEnd = reader.end;
      } else if (field === 2) this.createRevision = reader.number();
      else if (field === 3) this.modRevision = reader.number();
      else if (field === 4) this.version = reader.number();
      else if (field === 5) {
        reader.block();
        this.hasValue = true;
        if (whole) this.value = bytes.subarray(reader.start, reader.end);
      } else {
        this.hasLease = true;
        if (whole) this.lease = reader.int64();
        else reader.passInt64();
      }
    }
  }
}

/** Each record goes through this one reader, whatever is wanted of it. */
const FIELDS = new FieldReader();

/** Checks a KeyValue as `decodeKeyValue` does, and returns where its parts lie. Throws CORRUPT. */
export function readKeyValueFields(bytes: Buffer): KeyValueFields {
  FIELDS.read(bytes, false);
  return FIELDS;
}

/** Decodes a KeyValue, or throws CORRUPT. The value is a view of `bytes`. */
export function decodeKeyValue(bytes: Buffer): KeyValue {
  FIELDS.read(bytes, true);
  const { keyStart, keyEnd, createRevision, modRevision, version, value, lease } = FIELDS;
  return { key: bytes.toString('latin1', keyStart, keyEnd), createRevision, modRevision, version, value, lease };
}
