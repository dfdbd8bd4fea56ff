// Reads protobuf messages of any type. It takes every form that the wire format allows, as the writers of values are many.

const MAX_FIELD_NUMBER = 2 ** 29 - 1;
const MAX_VARINT_BYTES = 10;

/** The wire types; those of groups are not used any more. */
const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

/** Goes through the fields of a message. It makes nothing of them, so that a field can be found in many messages. */
export class MessageCursor {
  private at: number;
  /** Whether the bytes are no message. */
  broken = false;
  /** The field at which the cursor stands: its number, its wire type, and where its value begins and ends. */
  number = 0;
  wireType = 0;
  start = 0;
  end = 0;

  constructor(
    private readonly bytes: Buffer,
    start = 0,
    private readonly limit = bytes.length,
  ) {
    this.at = start;
  }

  /** Goes to the next field. Returns false at the end of the message, and where it is broken. */
  next(): boolean {
    if (this.broken || this.at >= this.limit) return false;
    const tag = this.varint();
    this.number = Math.floor(tag / 8);
    this.wireType = tag % 8;
    if (!(this.number > 0 && this.number <= MAX_FIELD_NUMBER)) return this.fail();
    const size = this.sizeOfValue();
    this.end = this.start + size;
    if (!(this.end <= this.limit)) return this.fail();
    this.at = this.end;
    return true;
  }

  /** Returns the number at which the cursor stands, which is inexact above 2^53; NaN if it is not a varint. */
  numberOf(): number {
    if (this.wireType !== VARINT) return Number.NaN;
    let value = 0;
    for (let at = this.end - 1; at >= this.start; at--) value = value * 0x80 + (this.bytes[at]! & 0x7f);
    return value;
  }

  /** Sets where the value starts, and returns its size; NaN if there is none. */
  private sizeOfValue(): number {
    this.start = this.at;
    switch (this.wireType) {
      case VARINT:
        this.varint();
        return this.at - this.start;
      case FIXED_64:
        return 8;
      case FIXED_32:
        return 4;
      case BYTES: {
        const length = this.varint();
        this.start = this.at;
        return length;
      }
      default:
        return Number.NaN;
    }
  }

  private fail(): false {
    this.broken = true;
    return false;
  }

  /** Reads a number, which is inexact above 2^53; NaN if there is none. */
  private varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.at < this.limit ? this.bytes[this.at++]! : undefined;
      // The tenth byte has one bit left.
      if (byte === undefined || (i === MAX_VARINT_BYTES - 1 && byte > 1)) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    this.at = Number.POSITIVE_INFINITY;
    return Number.NaN;
  }
}

/** The bytes of a message, or of a field, within other bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Returns where a field's bytes lie; undefined if it is not there. */
export function fieldIn(bytes: Buffer, { start, end }: Span, number: number): Span | undefined {
  const cursor = new MessageCursor(bytes, start, end);
  while (cursor.next()) {
    if (cursor.number === number && cursor.wireType === BYTES) return { start: cursor.start, end: cursor.end };
  }
  return undefined;
}

export interface WireField {
  readonly number: number;
  /** A varint or fixed number as a bigint, unsigned; a string, bytes or a message as bytes. */
  readonly value: bigint | Buffer;
  /** The bytes of a fixed number; 0 for other values. */
  readonly fixedBytes: 0 | 4 | 8;
}

/** Returns the fields of a message in the order of its bytes; undefined if the bytes are no message. */
export function readMessage(bytes: Buffer): WireField[] | undefined {
  const fields: WireField[] = [];
  const cursor = new MessageCursor(bytes);
  while (cursor.next()) fields.push(fieldAt(bytes, cursor));
  return cursor.broken ? undefined : fields;
}

function fieldAt(bytes: Buffer, { number, wireType, start, end }: MessageCursor): WireField {
  switch (wireType) {
    case VARINT:
      return { number, value: varintOf(bytes, start, end), fixedBytes: 0 };
    case FIXED_64:
      return { number, value: bytes.readBigUInt64LE(start), fixedBytes: 8 };
    case FIXED_32:
      return { number, value: BigInt(bytes.readUInt32LE(start)), fixedBytes: 4 };
    default:
      return { number, value: bytes.subarray(start, end), fixedBytes: 0 };
  }
}

function varintOf(bytes: Buffer, start: number, end: number): bigint {
  let value = 0n;
  for (let at = end - 1; at >= start; at--) value = (value << 7n) | BigInt(bytes[at]! & 0x7f);
  return value;
}
