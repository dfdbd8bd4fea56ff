// A PageOutput hands out the pages of a new file, one run behind the other, and writes them in large pieces.

import { FIRST_PAGE_BEHIND_METAS } from './meta.js';
import type { PageSink } from './page-sink.js';

const PIECE_BYTES = 1024 * 1024;

/** A new run of pages, which is zero. */
interface NewRun {
  readonly pgid: number;
  /** The number of pages behind the first one. */
  readonly overflow: number;
  readonly bytes: Buffer;
}

export class PageOutput {
  private piece: Buffer;
  /** The offset in the file at which the piece begins, and how much of it is handed out. */
  private pieceOffset: number;
  private used = 0;

  constructor(
    private readonly sink: PageSink,
    readonly pageSize: number,
  ) {
    this.piece = Buffer.alloc(Math.max(PIECE_BYTES, pageSize));
    this.pieceOffset = FIRST_PAGE_BEHIND_METAS * pageSize;
  }

  /** The lowest page id that is not handed out. */
  get highWaterMark(): number {
    return (this.pieceOffset + this.used) / this.pageSize;
  }

  /** Returns a run of as many pages as `contentBytes` need. It has to be filled before the next call. */
  run(contentBytes: number): NewRun {
    const pages = Math.max(1, Math.ceil(contentBytes / this.pageSize));
    const runBytes = pages * this.pageSize;
    if (this.used + runBytes > this.piece.length) this.flush();
    if (runBytes > this.piece.length) this.piece = Buffer.alloc(runBytes);
    const bytes = this.piece.subarray(this.used, this.used + runBytes);
    const pgid = this.highWaterMark;
    this.used += runBytes;
    return { pgid, overflow: pages - 1, bytes };
  }

  flush(): void {
    const written = this.piece.subarray(0, this.used);
    this.sink.write(this.pieceOffset, written);
    written.fill(0);
    this.pieceOffset += this.used;
    this.used = 0;
  }
}
