// Lets a file appear with all that it holds:
//
//   1. it is written under a hidden name in the same directory, and written to the disk
//   2. it gets its name: as a second one, which fails where another has appeared meanwhile; or, to replace a file, in one
//      step
//
// Whenever the process is killed or the power fails, there is a whole file or none. A process that fails or is asked to
// end removes what it has begun. What a killed one has left is removed by the next that writes a file there.

import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { MvccwError } from '../errors.js';
import { statOf } from './database-path.js';
import { makeNamesDurable } from './durable-name.js';
import { ioError } from './io-error.js';
import { passingPath, removeLeftoverFiles } from './leftovers.js';
import { lacksLinks } from './lock-file.js';

/** A file that has no name of its own yet. */
export class NewFile {
  private constructor(
    private readonly descriptor: number,
    private readonly what: string,
  ) {}

  static at(path: string, what: string): NewFile {
    return new NewFile(openSync(path, 'wx+', 0o600), what);
  }

  /** Throws IO. */
  write(offset: number, bytes: Buffer): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.descriptor, bytes, done, bytes.length - done, offset + done);
      }
    } catch (error) {
      throw ioError(error, this.what);
    }
  }

  /** Fills the buffer with bytes that were written. Throws IO. */
  readInto(bytes: Buffer, offset: number): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        const got = readSync(this.descriptor, bytes, done, bytes.length - done, offset + done);
        if (got === 0) throw new MvccwError('IO', `${this.what}: what was written is not there any more`);
        done += got;
      }
    } catch (error) {
      throw ioError(error, this.what);
    }
  }

  sync(): void {
    fsyncSync(this.descriptor);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

export interface NewFileOptions {
  /** Whether a file that is there is replaced. */
  readonly replace: boolean;
}

/** Throws EXISTS if there is a file that is not to be replaced, and IO for a path that no file can have. */
export function checkNewFile(path: string, { replace }: NewFileOptions): void {
  const stats = statOf(path);
  if (stats === undefined) return;
  if (!stats.isFile()) {
    const what = stats.isDirectory() ? 'a directory' : 'no regular file';
    throw new MvccwError('USAGE', `cannot write ${path}: it is ${what}`, { hint: 'name a file' });
  }
  if (!replace) throw alreadyThere(path);
}

/** Hands `fill` a new file, which then appears at `path`. If `fill` throws, nothing is left. Throws EXISTS or IO. */
export async function withNewFile<T>(
  path: string,
  options: NewFileOptions,
  fill: (file: NewFile) => Promise<T>,
): Promise<T> {
  checkNewFile(path, options);
  const what = `cannot write ${path}`;
  const replaced = options.replace ? behindLinks(path) : path;
  const directory = dirname(replaced);
  removeLeftoverFiles(directory);
  const passing = passingPath(directory, '.export-');
  try {
    const file = NewFile.at(passing, what);
    let result: T;
    try {
      result = await fill(file);
      file.sync();
    } finally {
      file.close();
    }
    appear(passing, replaced, options);
    makeNamesDurable(directory);
    return result;
  } catch (error) {
    throw ioError(error, what);
  } finally {
    rmSync(passing, { force: true });
  }
}

/** Returns the path of the file that symbolic links lead to: it is replaced, and not the link. */
function behindLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return path;
    throw ioError(error, `cannot write ${path}`);
  }
}

function appear(passing: string, path: string, options: NewFileOptions): void {
  if (!options.replace) {
    try {
      linkSync(passing, path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyThere(path);
      if (!lacksLinks(error)) throw error;
      checkNewFile(path, options);
    }
  }
  renameSync(passing, path);
}

function alreadyThere(path: string): MvccwError {
  return new MvccwError('EXISTS', `${path} is already there`, {
    hint: 'name another file, or replace it with --force',
  });
}
