// A ReadOnlyFile is a file that can be read at any offset. It is opened without the right to write, and never locked: a
// lock would make a starting etcd wait.

import assert from 'node:assert/strict';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { PageSource } from '../bbolt/page-source.js';
import { MvccwError } from '../errors.js';
import { ioError } from './io-error.js';

/** The most bytes that one read call takes. */
const MAX_READ_BYTES = 1024 * 1024 * 1024;

/** A file that is open already: what a packed file holds. */
interface Unpacked {
  readonly descriptor: number;
  /** The size of the packed file. */
  readonly packedBytes: number;
  /** What a reader should know of the packed file. */
  readonly remark: string | undefined;
}

export class ReadOnlyFile implements PageSource {
  readonly sizeBytes: number;
  private descriptor: number | undefined;

  /**
   * Opens a regular file, or takes over what was unpacked of it. Throws IO, also for a pipe, which has no offsets and may
   * keep its reader waiting.
   */
  constructor(
    readonly path: string,
    readonly unpacked?: Unpacked,
  ) {
    if (unpacked !== undefined) {
      this.descriptor = unpacked.descriptor;
      this.sizeBytes = fstatSync(unpacked.descriptor).size;
      return;
    }
    try {
      // Without O_NONBLOCK, opening a named pipe waits for a writer. It changes nothing for regular files.
      this.descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    } catch (error) {
      throw ioError(error, `cannot open ${path}`);
    }
    const stat = fstatSync(this.descriptor);
    if (!stat.isFile()) {
      this.close();
      const what = stat.isDirectory() ? 'a directory' : 'not a regular file';
      const hint = 'etcd keeps its database in DATA-DIR/member/snap/db';
      throw new MvccwError('IO', `cannot read ${path}: it is ${what}`, { hint });
    }
    this.sizeBytes = stat.size;
    if (this.sizeBytes === 0 && this.readSome(Buffer.alloc(1), 0, 0) > 0) {
      this.close();
      throw new MvccwError('FORMAT', `${path} is no database: its content is made when it is read, as in /proc`);
    }
  }

  read(offset: number, length: number): Buffer {
    const bytes = allocate(length, this.path);
    this.readInto(bytes, offset);
    return bytes;
  }

  /** Fills the buffer with the bytes from `offset` on. */
  readInto(bytes: Buffer, offset: number): void {
    const got = this.readWhatIsThere(bytes, offset);
    if (got < bytes.length) {
      throw new MvccwError(
        'CORRUPT',
        `${this.path} has nothing at byte ${offset + got}: it was cut short while being read, from ${this.sizeBytes} bytes`,
        { hint: 'read a copy that nothing writes to: `etcdctl snapshot save` makes one' },
      );
    }
  }

  /** As readInto, but of a file that was cut short only what is there. Returns how many bytes that is. */
  readWhatIsThere(bytes: Buffer, offset: number): number {
    assert(this.descriptor !== undefined, 'the file is closed');
    let done = 0;
    while (done < bytes.length) {
      const got = this.readSome(bytes, done, offset + done);
      if (got === 0) break;
      done += got;
    }
    return done;
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  private readSome(bytes: Buffer, start: number, position: number): number {
    try {
      return readSync(this.descriptor!, bytes, start, Math.min(bytes.length - start, MAX_READ_BYTES), position);
    } catch (error) {
      throw ioError(error, `cannot read ${this.path} at byte ${position}`);
    }
  }
}

/** Allocates a buffer outside of Node.js's pool, since slices of it are kept. */
function allocate(length: number, path: string): Buffer {
  try {
    return Buffer.allocUnsafeSlow(length);
  } catch (cause) {
    throw new MvccwError('IO', `cannot read ${path}: no memory for ${length} bytes in one piece`, { cause });
  }
}
