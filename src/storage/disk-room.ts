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
/**
 * Where there is no room for that, a half of the step is tried, and so on down to this part of what is taken. Each try
 * writes as many bytes as the transaction needs, so there must not be one for each row.
 */
const LEAST_STEP_PART = 1 / 16;
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

/** What is asked of the disk. */
export interface Disk {
  /** Returns how many bytes can be added to a file of this size. */
  freeBytes(directory: string, sizeBytes: number): number;
  /** Throws IO unless a file can have `bytes` bytes behind the first `from`. */
  checkRoom(directory: string, bytes: number, from: number): void;
}

const DISK: Disk = {
  freeBytes(directory, sizeBytes) {
    const { bavail, bsize } = statfsSync(directory);
    return Math.min(bavail * bsize, fileLimit() - sizeBytes);
  },
  checkRoom,
};

/** The room for the transactions that write to one file. */
export class DiskRoom {
  private sizeBytes = 0;
  private taken = 0;
  private assured = 0;

  constructor(
    private readonly directory: string,
    private readonly disk: Disk = DISK,
  ) {}

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
    const free = this.disk.freeBytes(this.directory, this.sizeBytes);
    if (free > neededFor(this.taken) + PLENTY_BYTES) {
      this.assured = this.taken + ASSURED_BYTES;
      return;
    }
    const least = leastStep(this.taken);
    for (
      let step = Math.max(this.taken, FIRST_TRY_BYTES);
      step > Math.max(least, PATHS_BYTES);
      step = Math.ceil(step / 2)
    ) {
      if (!this.isThereRoom(this.taken + step)) continue;
      this.assured = this.taken + step;
      return;
    }
    this.assured = this.taken + least;
    this.disk.checkRoom(this.directory, neededFor(this.assured), this.sizeBytes);
  }

  private isThereRoom(bytes: number): boolean {
    try {
      this.disk.checkRoom(this.directory, neededFor(bytes), this.sizeBytes);
      return true;
    } catch {
      return false;
    }
  }
}

/** Small transactions are given all that there is, row by row. */
function leastStep(taken: number): number {
  return taken > PATHS_BYTES ? Math.ceil(taken * LEAST_STEP_PART) : 0;
}

function neededFor(bytes: number): number {
  return PATHS_BYTES + PAGES_FOR_BYTES * bytes;
}
