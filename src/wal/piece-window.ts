// The piece of a segment that is in memory. Small reads that go forwards come from one large read.

import type { SegmentSource } from './segment.js';

const PIECE_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(64 * 1024);
/** What is only compared with zeros comes here: a new segment has 64 MB of them. */
const COMPARED = Buffer.alloc(ZEROS.length);

export class PieceWindow {
  /** The piece; it is never written to, so that parts of it may be kept. */
  bytes: Buffer = Buffer.alloc(0);
  private start = 0;

  /** Reads no further than `limit`, which is within the segment. */
  constructor(
    private readonly source: SegmentSource,
    private readonly limit = source.sizeBytes,
  ) {}

  /** Brings the bytes from `offset` on into the window. Returns where in `bytes` they begin. */
  hold(offset: number, length: number): number {
    const at = offset - this.start;
    if (at >= 0 && at + length <= this.bytes.length) return at;
    this.bytes = this.source.read(offset, Math.min(Math.max(length, PIECE_BYTES), this.limit - offset));
    this.start = offset;
    return 0;
  }

  /** Forgets the piece: a server may have written to the file since. */
  forget(): void {
    this.bytes = Buffer.alloc(0);
  }

  /** Returns whether all bytes from `start` to `end` are zero. */
  isZero(start: number, end: number): boolean {
    for (let offset = start; offset < end; ) {
      const length = Math.min(ZEROS.length, end - offset);
      const at = offset - this.start;
      const isHeld = at >= 0 && at + length <= this.bytes.length;
      const bytes = isHeld ? this.bytes.subarray(at, at + length) : COMPARED.subarray(0, length);
      if (!isHeld) this.source.readInto(bytes, offset);
      if (ZEROS.compare(bytes, 0, length, 0, length) !== 0) return false;
      offset += length;
    }
    return true;
  }
}
