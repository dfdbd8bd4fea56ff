// Reads the fields of a request. Fields that are not known are passed by, as a newer release may have more; a known one
// of another wire type is an error, as requests of the old API have the same numbers with other types.

import { MvccwError } from '../errors.js';
import { BYTES, MessageCursor } from '../kube/wire.js';

const VARINT = 0;
const TWO_TO_32 = 2 ** 32;
const NEGATIVE_BYTES = 10;

export class RequestCursor extends MessageCursor {
  /** The halves of the number that `halves` has read. */
  high = 0;
  low = 0;

  /** Goes to the next field. Returns false at the end; throws CORRUPT where the bytes are no message. */
  override next(): boolean {
    if (super.next()) return true;
    if (this.broken) throw new MvccwError('CORRUPT', 'the request is no message of protobuf');
    return false;
  }

  /** Throws CORRUPT if the value is not one of bytes. */
  block(): void {
    if (this.wireType !== BYTES) this.failWireType();
  }

  private failWireType(): never {
    throw new MvccwError('CORRUPT', `field ${this.number} of the request has wire type ${this.wireType}`);
  }

  /** Returns bytes as a byte string. */
  latin1(): string {
    this.block();
    return this.bytes.toString('latin1', this.start, this.end);
  }

  utf8(): string {
    this.block();
    return this.bytes.toString('utf8', this.start, this.end);
  }

  view(): Buffer {
    this.block();
    return this.bytes.subarray(this.start, this.end);
  }

  /** Returns a cursor for the message in the field. */
  message(): RequestCursor {
    this.block();
    return new RequestCursor(this.bytes, this.start, this.end);
  }

  /** Reads a signed number; beyond 2^53 it is rounded. */
  number64(): number {
    if (this.wireType !== VARINT) this.failWireType();
    const { bytes, start, end } = this;
    if (end - start === 1) return bytes[start]!;
    if (end - start === NEGATIVE_BYTES) return Number(this.int64());
    let value = 0;
    for (let at = end - 1; at >= start; at--) value = value * 0x80 + (bytes[at]! & 0x7f);
    return value;
  }

  boolean(): boolean {
    return this.number64() !== 0;
  }

  /** Reads a 64-bit number into `high` and `low`. */
  halves(): void {
    if (this.wireType !== VARINT) this.failWireType();
    const { bytes, start, end } = this;
    let [high, low] = [0, 0];
    for (let at = end - 1; at >= start; at--) {
      high = ((high << 7) | (low >>> 25)) >>> 0;
      low = ((low << 7) | (bytes[at]! & 0x7f)) >>> 0;
    }
    this.high = high;
    this.low = low;
  }

  uint64(): bigint {
    this.halves();
    return this.high < 0x20_0000
      ? BigInt(this.high * TWO_TO_32 + this.low)
      : (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  /** Reads the end of a range of etcd's API, where an empty end means one key, and a zero byte means no end. */
  rangeEnd(): string | undefined {
    const end = this.latin1();
    return end === '' ? undefined : end === '\0' ? '' : end;
  }
}
