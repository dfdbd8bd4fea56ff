// A PieceSource reads another source in large pieces, for a reader that goes through it from its beginning to its end.

import type { PageSource } from '../page-source.js';

const PIECE_BYTES = 4 * 1024 * 1024;

export class PieceSource implements PageSource {
  private piece: Buffer = Buffer.alloc(0);
  private pieceOffset = 0;

  constructor(private readonly source: PageSource) {}

  get sizeBytes(): number {
    return this.source.sizeBytes;
  }

  read(offset: number, length: number): Buffer {
    const at = offset - this.pieceOffset;
    if (at >= 0 && at + length <= this.piece.length) return this.piece.subarray(at, at + length);
    if (length >= PIECE_BYTES) return this.source.read(offset, length);
    this.piece = this.source.read(offset, Math.min(PIECE_BYTES, this.sizeBytes - offset));
    this.pieceOffset = offset;
    return this.piece.subarray(0, length);
  }
}
