// This module writes protobuf messages field by field, as Go's generated code does.

/** A string has one char a byte. */
type FieldValue = number | bigint | boolean | string | Uint8Array | undefined;
export type Field = readonly [number: number, value: FieldValue];

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

function field(number: number, value: NonNullable<FieldValue>): Buffer {
  if (typeof value === 'string' || value instanceof Uint8Array) {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
    return Buffer.concat([varint(BigInt(number * 8 + 2)), varint(BigInt(bytes.length)), bytes]);
  }
  return Buffer.concat([varint(BigInt(number * 8)), varint(BigInt(value))]);
}

/** Encodes fields that are there in any case: of a message of proto2, of a choice, or that are messages themselves. */
export function message(...fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.map(([number, value]) => (value === undefined ? Buffer.alloc(0) : field(number, value))));
}

/** Encodes the fields of a message of proto3, which leaves out what is zero or empty. */
export function sparse(...fields: readonly Field[]): Buffer {
  return message(...fields.filter(([, value]) => !isZero(value)));
}

function isZero(value: FieldValue): boolean {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length === 0;
  return value === undefined || BigInt(value) === 0n;
}
