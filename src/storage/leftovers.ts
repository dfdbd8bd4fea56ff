// What processes make beside a database for a moment. A process that is killed leaves it behind, and whoever next opens
// the database for writing removes it:
//
//   .filling-MARK-UUID    a database that has not appeared yet (new-data-file.ts)
//   .lock-MARK-UUID       a lock file that is being written (lock-file.ts)
//   .space-MARK-UUID      a test of whether the disk has room (disk-room.ts)
//   .export-MARK-UUID     a file that has not appeared yet (new-file.ts), which may be in any directory
//   .copy-MARK-UUID       a copy that is to replace the database (replace-data-file.ts); its maker has the write lock
//   defrag.tmp            the same, of an earlier mvccw
//
// The mark (process-mark.ts) tells whether the maker still runs. Where it does not tell, a thing that has not changed
// for a day is taken as left behind. If that is wrong, the maker fails; the database is as it was.

import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ioError } from './io-error.js';
import { isRunning, processMark } from './process-mark.js';

const PREFIXES = ['.filling-', '.lock-', '.space-', '.export-', '.copy-'] as const;
type Prefix = (typeof PREFIXES)[number];

/** The prefix of what is only made by a process that has the write lock, and so is free to remove for the next one. */
const LOCKED_PREFIX: Prefix = '.copy-';
const FILE_PREFIX: Prefix = '.export-';
const EARLIER_COPY = 'defrag.tmp';

const MAX_AGE_MS = 24 * 3600 * 1000;

/** Returns a path in `directory` for something that exists for a moment. */
export function passingPath(directory: string, prefix: Prefix): string {
  return join(directory, `${prefix}${processMark()}-${randomUUID()}`);
}

/** Tells whether a name in a directory is of something that exists for a moment. */
export function isPassing(name: string): boolean {
  return name === EARLIER_COPY || PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Returns the names of what has been left behind in a directory. Throws IO. */
export function leftoversIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => isPassing(name) && isLeft(directory, name));
  } catch (error) {
    throw ioError(error, `cannot read ${directory}`);
  }
}

/**
 * Removes what has been left behind in a directory, as far as the system allows it: what stays is in nobody's way. With
 * the write lock, no copy can be at work.
 */
export function removeLeftovers(directory: string, { locked }: { readonly locked: boolean }): void {
  try {
    for (const name of readdirSync(directory)) {
      if (isPassing(name) && ((locked && isCopy(name)) || isLeft(directory, name))) {
        rmSync(join(directory, name), { recursive: true, force: true });
      }
    }
  } catch {
    // The next one who writes tries it again.
  }
}

/** Removes the files that have been left behind in a directory that need not be that of a database. */
export function removeLeftoverFiles(directory: string): void {
  try {
    for (const name of readdirSync(directory)) {
      if (name.startsWith(FILE_PREFIX) && isLeft(directory, name)) rmSync(join(directory, name), { force: true });
    }
  } catch {
    // The next one who writes there tries it again.
  }
}

function isCopy(name: string): boolean {
  return name === EARLIER_COPY || name.startsWith(LOCKED_PREFIX);
}

function isLeft(directory: string, name: string): boolean {
  const prefix = PREFIXES.find((one) => name.startsWith(one)) ?? '';
  const runs = isRunning(name.slice(prefix.length).split('-')[0]!);
  const path = join(directory, name);
  if (runs === undefined) return Date.now() - changedMs(path) > MAX_AGE_MS;
  // Its maker may have removed it, and ended, since the directory was read.
  return !runs && existsSync(path);
}

/** Returns when a file, or a directory or what is in it, changed last; now if it is gone. */
function changedMs(path: string): number {
  try {
    const stats = statSync(path);
    const within = stats.isDirectory() ? readdirSync(path).map((name) => changedMs(join(path, name))) : [];
    return Math.max(stats.mtimeMs, ...within);
  } catch {
    return Date.now();
  }
}
