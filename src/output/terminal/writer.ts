// Writes output in large pieces, waits for a slow reader, and notices when the reader has gone.
//
// Printers give byte strings (one char a byte), because keys and values are bytes. utf8() makes one of text.

import type { Writable } from 'node:stream';
import { MvccwError } from '../../errors.js';
import { PipeReader } from './pipe-reader.js';

/** Says that the reader of the output has gone (`| head -1`), which is no failure. */
export class ClosedPipeError extends Error {
  override readonly name = 'ClosedPipeError';
}

const PIECE_BYTES = 64 * 1024;

export class Writer {
  private pieces: string[] = [];
  private pieceBytes = 0;
  private failure: NodeJS.ErrnoException | undefined;

  /** `beforeWrite` is called with what is about to go to the stream. */
  constructor(
    private readonly stream: Writable & { readonly fd?: number },
    private readonly beforeWrite: (bytes: string) => void = () => undefined,
  ) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.failure = error;
    });
  }

  /**
   * Returns a function that tells whether the reader is still there, as far as that can be known without writing. It is
   * for callers that write seldom.
   */
  followReader(): () => boolean {
    const reader = this.stream.fd === undefined ? undefined : new PipeReader(this.stream.fd);
    // The reader can be seen now, and perhaps no more after the first line.
    reader?.isGone();
    return () => this.failure === undefined && !reader?.isGone();
  }

  private check(): void {
    if (this.failure === undefined) return;
    if (this.failure.code === 'EPIPE') throw new ClosedPipeError();
    throw new MvccwError('IO', `cannot write the output: ${this.failure.message}`, { cause: this.failure });
  }

  /** Writes a byte string. It resolves at once unless a piece is full and the reader is slow. */
  async write(bytes: string): Promise<void> {
    this.check();
    // A printer that prints at the end gives '' for each response. Many of them would pile up and never fill a piece.
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
      await new Promise<void>((resolve) => {
        this.pass(resolve);
      });
    }
    this.check();
  }

  /** Passes on what has been written so far, unless the reader is slow. For long work, whose output should not wait. */
  push(): void {
    if (this.pieceBytes > 0 && this.failure === undefined && !this.stream.writableNeedDrain) this.pass(() => undefined);
  }

  private pass(onTaken: () => void): void {
    const bytes = this.pieces.join('');
    this.pieces = [];
    this.pieceBytes = 0;
    this.beforeWrite(bytes);
    this.stream.write(Buffer.from(bytes, 'latin1'), onTaken);
  }
}
