// Looks whether the disk has room for what is about to be written. lmdb 3.5.6 writes the message about a page that it
// could not write beyond the end of a buffer, which ends the process now and then; so LMDB should not meet a full disk.

import { closeSync, openSync, readFileSync, statfsSync, unlinkSync, writeSync } from 'node:fs';
import { ioError } from './io-error.js';
import { passingPath } from './leftovers.js';

/** With this much room no more is asked, until a good part of it may be used. */
const PLENTY_BYTES = 64 * 1024 * 1024;
const ASSURED_BYTES = PLENTY_BYTES / 4;
/** Where there is less, so much is tried at first, and twice as much each time that it is used up. */
const FIRST_TRY_BYTES = 1024 * 1024;
/** A transaction writes anew the pages on the way to each row, and those of the list of free pages. */
const PATHS_BYTES = 64 * 1024;
/** A row takes at most about twice its bytes: pages are half full at least. */
const PAGES_FOR_BYTES = 2;
const PIECE_BYTES = 1024 * 1024;

/** Throws IO unless a file in `directory` can have `bytes` bytes behind the first `from`. */
export function checkRoom(directory: string, bytes: number, from = 0): void {
  const probe = passingPath(directory, '.space-');
  try {
    const descriptor = openSync(probe, 'wx', 0o600);
    try {
      // A file without a name is gone when the process ends.
      unlinkSync(probe);
      const piece = Buffer.alloc(Math.min(bytes, PIECE_BYTES));
      for (let done = 0; done < bytes; ) {
        done += writeSync(descriptor, piece, 0, Math.min(piece.length, bytes - done), from + done);
      }
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw ioError(error, `cannot write to ${directory}`);
  }
}

let mostBytes: number | undefined;

/** Returns the most bytes that the system lets this process write to a file (ulimit -f), where it tells. */
function fileLimit(): number {
  if (mostBytes !== undefined) return mostBytes;
  mostBytes = Number.POSITIVE_INFINITY;
  try {
    const soft = /^Max file size\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    if (soft !== undefined) mostBytes = Number(soft);
  } catch {
    // Only Linux has this file.
  }
  return mostBytes;
}

/** The room for the transactions that write to one file. */
export class DiskRoom {
  private sizeBytes = 0;
  private taken = 0;
  private assured = 0;

  constructor(private readonly directory: string) {}

  /** Begins a transaction on a file of this size. */
  begin(sizeBytes: number): void {
    this.sizeBytes = sizeBytes;
    this.taken = 0;
    this.assured = -1;
  }

  /** Throws IO unless there is room for a row of `bytes` bytes, beside what the transaction has taken before. */
  take(bytes: number): void {
    this.taken += bytes;
    if (this.taken <= this.assured) return;
    const { bavail, bsize } = statfsSync(this.directory);
    const free = Math.min(bavail * bsize, fileLimit() - this.sizeBytes);
    if (free > neededFor(this.taken) + PLENTY_BYTES) {
      this.assured = this.taken + ASSURED_BYTES;
      return;
    }
    const ahead = Math.max(2 * this.taken, FIRST_TRY_BYTES);
    this.assured = this.isThereRoom(ahead) ? ahead : this.taken;
    if (this.assured < ahead) checkRoom(this.directory, neededFor(this.taken), this.sizeBytes);
  }

  private isThereRoom(bytes: number): boolean {
    try {
      checkRoom(this.directory, neededFor(bytes), this.sizeBytes);
      return true;
    } catch {
      return false;
    }
  }
}

function neededFor(bytes: number): number {
  return PATHS_BYTES + PAGES_FOR_BYTES * bytes;
}
