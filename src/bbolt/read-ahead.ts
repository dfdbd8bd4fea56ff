// A ReadAhead reads a file in larger pieces for one who goes through it from its start to its end, or nearly so. While
// each read begins just behind the one before, pieces grow; a read elsewhere takes only what is asked for.

import type { PageSource } from './page-source.js';

const LAST_PIECE_BYTES = 64 * 1024;
const EMPTY = Buffer.alloc(0);

export class ReadAhead implements PageSource {
  private piece: Buffer = EMPTY;
  private start = 0;

  constructor(private readonly source: PageSource) {}

  get sizeBytes(): number {
    return this.source.sizeBytes;
  }

  read(offset: number, length: number): Buffer {
    const at = offset - this.start;
    const known = this.piece.length;
    if (at >= 0 && at + length <= known) return this.piece.subarray(at, at + length);
    // A few pages of a run are skipped, where they were free.
    const follows = at > 0 && at <= known + length;
    const wanted = Math.max(length, follows ? Math.min(2 * known, LAST_PIECE_BYTES) : 0);
    this.piece = this.source.read(offset, Math.min(wanted, this.sizeBytes - offset));
    this.start = offset;
    return this.piece.subarray(0, length);
  }
}
