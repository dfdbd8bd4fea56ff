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
  /** Both are 0 if there is no value. */
  readonly valueStart: number;
  readonly valueEnd: number;
  /** 0 if there is none. */
  readonly lease: bigint;
}

class FieldReader implements KeyValueFields {
  keyStart = 0;
  keyEnd = 0;
  createRevision = 0;
  modRevision = 0;
  version = 0;
  valueStart = 0;
  valueEnd = 0;
  lease = 0n;
  private readonly reader = new ProtoReader('key-value record', [BYTES, VARINT, VARINT, VARINT, BYTES, VARINT]);

  read(bytes: Buffer): void {
    const { reader } = this;
    reader.open(bytes);
    this.keyStart = this.keyEnd = this.createRevision = this.modRevision = this.version = 0;
    this.valueStart = this.valueEnd = 0;
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
        this.valueStart = reader.start;
        this.valueEnd = reader.end;
      } else {
        this.lease = reader.int64();
      }
    }
  }
}

/** Each record goes through this one reader, whatever is wanted of it. */
const FIELDS = new FieldReader();

/** Checks a KeyValue, and returns what it says and where its parts lie. Throws CORRUPT. */
export function readKeyValueFields(bytes: Buffer): KeyValueFields {
  FIELDS.read(bytes);
  return FIELDS;
}
