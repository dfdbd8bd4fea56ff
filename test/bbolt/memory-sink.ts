// This module holds in memory what the bbolt writer writes.

import type { PageSink } from '../../src/bbolt/page-sink.js';

export class MemorySink implements PageSink {
  private readonly pieces: { readonly offset: number; readonly bytes: Buffer }[] = [];

  write(offset: number, bytes: Buffer): void {
    this.pieces.push({ offset, bytes: Buffer.from(bytes) });
  }

  /** Returns the file; it throws unless each byte was written once. */
  bytes(): Buffer {
    const pieces = this.pieces.sort((a, b) => a.offset - b.offset);
    let end = 0;
    for (const { offset, bytes } of pieces) {
      if (offset !== end) throw new Error(`a piece at byte ${offset}, expected at ${end}`);
      end += bytes.length;
    }
    return Buffer.concat(pieces.map(({ bytes }) => bytes));
  }
}
