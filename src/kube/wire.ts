// Reads protobuf messages of any type. It takes every form that the wire format allows, as the writers of values are many.

export interface WireField {
  readonly number: number;
  /** A varint or fixed number as a bigint, unsigned; a string, bytes or a message as bytes. */
  readonly value: bigint | Buffer;
  /** The bytes of a fixed number; 0 for other values. */
  readonly fixedBytes: 0 | 4 | 8;
}

const MAX_FIELD_NUMBER = 2 ** 29 - 1;
const MAX_VARINT_BYTES = 10;

/** Returns the fields of a message in the order of its bytes; undefined if the bytes are no message. */
export function readMessage(bytes: Buffer): WireField[] | undefined {
  const fields: WireField[] = [];
  let at = 0;

  function varint(): bigint | undefined {
    let small = 0;
    for (let i = 0; i < 4; i++) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      small |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return BigInt(small);
    }
    let value = BigInt(small);
    for (let i = 4; i < MAX_VARINT_BYTES; i++) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return value >> 64n === 0n ? value : undefined;
    }
    return undefined;
  }

  while (at < bytes.length) {
    const tag = varint();
    if (tag === undefined) return undefined;
    const number = Number(tag >> 3n);
    if (number === 0 || number > MAX_FIELD_NUMBER) return undefined;
    const wireType = Number(tag & 7n);
    if (wireType === 0) {
      const value = varint();
      if (value === undefined) return undefined;
      fields.push({ number, value, fixedBytes: 0 });
    } else if (wireType === 1 || wireType === 5) {
      const fixedBytes = wireType === 1 ? 8 : 4;
      if (at + fixedBytes > bytes.length) return undefined;
      const value = fixedBytes === 8 ? bytes.readBigUInt64LE(at) : BigInt(bytes.readUInt32LE(at));
      fields.push({ number, value, fixedBytes });
      at += fixedBytes;
    } else if (wireType === 2) {
      const length = varint();
      if (length === undefined || length > BigInt(bytes.length - at)) return undefined;
      const end = at + Number(length);
      fields.push({ number, value: bytes.subarray(at, end), fixedBytes: 0 });
      at = end;
    } else {
      return undefined;
    }
  }
  return fields;
}
