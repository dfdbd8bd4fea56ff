// Writes output in large pieces, waits where the reader is slow, and notices when it has gone.
//
// Printers work in byte strings (one char a byte), as keys and values are bytes; text beyond ASCII goes through utf8().

import type { Writable } from 'node:stream';
import { MvccwError } from '../../errors.js';
import { PipeReader } from './pipe-reader.js';

/** The reader of the output has gone away (`| head -1`): not a failure. */
export class ClosedPipeError extends Error {
  override readonly name = 'ClosedPipeError';
}

const PIECE_BYTES = 64 * 1024;

export class Writer {
  private pieces: string[] = [];
  private pieceBytes = 0;
  private failure: NodeJS.ErrnoException | undefined;

  constructor(private readonly stream: Writable & { readonly fd?: number }) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.failure = error;
    });
  }

  /**
   * For those who write seldom: gives a function that says whether the reader is still there, as far as that can be
   * known without writing.
   */
  followReader(): () => boolean {
    const reader = this.stream.fd === undefined ? undefined : new PipeReader(this.stream.fd);
    // It can be seen now, but perhaps no more after the first line.
    reader?.isGone();
    return () => this.failure === undefined && !reader?.isGone();
  }

  private check(): void {
    if (this.failure === undefined) return;
    if (this.failure.code === 'EPIPE') throw new ClosedPipeError();
    throw new MvccwError('IO', `cannot write the output: ${this.failure.message}`, { cause: this.failure });
  }

  /** Takes a byte string; resolves at once unless a piece is full and the reader slow. */
  async write(bytes: string): Promise<void> {
    this.check();
    // A printer that says it all at the end gives one for each response: they would pile up, and never fill a piece.
    if (bytes === '') return;
    this.pieces.push(bytes);
    this.pieceBytes += bytes.length;
    if (this.pieceBytes >= PIECE_BYTES) await this.flush();
  }

  async line(bytes = ''): Promise<void> {
    await this.write(`${bytes}\n`);
  }

  /** Resolves when all that was written has been handed to the operating system. */
  async flush(): Promise<void> {
    if (this.pieceBytes > 0) {
      const piece = Buffer.from(this.pieces.join(''), 'latin1');
      this.pieces = [];
      this.pieceBytes = 0;
      await new Promise<void>((resolve) => {
        this.stream.write(piece, () => resolve());
      });
    }
    this.check();
  }
}
