// A DataFile reads data.mdb with a descriptor of its own, beside LMDB, which maps the file. Where the file ends too
// early, a read here fails, while a read of LMDB would end the process with a signal.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { MvccwError } from '../../errors.js';
import { ioError } from '../io-error.js';
import { DAMAGED } from '../lmdb-error.js';

export class DataFile {
  /** The size of a page in bytes; 0 until the metas have been read. */
  pageSize = 0;

  private constructor(
    readonly path: string,
    private readonly descriptor: number,
  ) {}

  /** Opens the file. Throws IO. */
  static open(path: string): DataFile {
    try {
      return new DataFile(path, openSync(path, 'r'));
    } catch (error) {
      throw ioError(error, `cannot open ${path}`);
    }
  }

  sizeBytes(): number {
    return fstatSync(this.descriptor).size;
  }

  /** Reads bytes from `offset` on. Returns the number of bytes that are there. Throws IO. */
  readSome(into: Buffer, offset: number, length = into.length): number {
    try {
      let done = 0;
      while (done < length) {
        const got = readSync(this.descriptor, into, done, length - done, offset + done);
        if (got === 0) break;
        done += got;
      }
      return done;
    } catch (error) {
      throw ioError(error, `cannot read ${this.path} at byte ${offset}`);
    }
  }

  /** Reads bytes from the start of a page on. Throws CORRUPT if the file ends before. */
  readPages(into: Buffer, page: number, length = into.length): void {
    const got = this.readSome(into, page * this.pageSize, length);
    if (got < length) throw this.cutShort(`page ${page} begins at byte ${page * this.pageSize}`);
  }

  /** Returns the error for a file that ends too early. */
  cutShort(what: string): MvccwError {
    const { code, hint } = DAMAGED;
    return new MvccwError(code, `${this.path} is cut short: it has ${this.sizeBytes()} bytes, but ${what}`, { hint });
  }

  /** Returns the error for what is wrong at a byte of a page. */
  damage(page: number, at: number, what: string): MvccwError {
    const { code, hint } = DAMAGED;
    const place = `page ${page} (byte ${page * this.pageSize + at})`;
    return new MvccwError(code, `${this.path} is damaged at ${place}: ${what}`, { hint });
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
