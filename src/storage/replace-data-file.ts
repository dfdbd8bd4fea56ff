// Puts a new data file in the place of the one that a database has:
//
//   1. take LMDB's write lock, in a transaction that changes nothing
//   2. fill a copy in a hidden directory of its own within this one
//   3. make the copy durable
//   4. rename it over data.mdb, and make the new name durable
//
// All of it happens without a pause: a transaction that pauses can lose what other processes write meanwhile. A process
// that is killed leaves the database as it was, and a directory that whoever next opens the database for writing
// removes. The lock file stays, so there is one write lock throughout: nobody commits between step 1 and the end. A
// process that reads or writes afterwards sees that another file stands at the path, and opens it (lmdb-backend.ts). A
// reader that has already begun keeps the old file, whole, until it is done.

import { chmodSync, chownSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend } from '../mvcc/backend.js';
import { DATA_FILE } from './check-lmdb-directory.js';
import { sync } from './durable-name.js';
import { ioError } from './io-error.js';
import { passingPath } from './leftovers.js';
import { LmdbBackend } from './lmdb-backend.js';

export interface Replacement {
  /** Whether the copy has taken the place of the old file. */
  readonly replaced: boolean;
  /** The size of the file, before and after. */
  readonly sizeBytesBefore: number;
  readonly sizeBytesAfter: number;
}

export interface Copying {
  /** Says in an error what was to be done: "cannot defragment PATH". */
  readonly task: string;
  /** Fills the copy, which has its tables and nothing in them. */
  readonly fill: (copy: Backend) => void;
  /** Tells whether the copy may take the place of the old file. */
  readonly isWanted: (sizeBytesBefore: number, copiedBytes: number) => boolean;
}

/** Replaces the data file of `source`, the database in `directory`. Nobody can write to it meanwhile. Throws IO. */
export function replaceDataFile(source: Backend, directory: string, copying: Copying): Replacement {
  return source.transaction(() => copyAndReplace(directory, copying));
}

function copyAndReplace(directory: string, { task, fill, isWanted }: Copying): Replacement {
  const dataPath = join(directory, DATA_FILE);
  const copyDirectory = passingPath(directory, '.copy-');
  try {
    const { size: sizeBytesBefore } = statSync(dataPath);
    fillCopy(copyDirectory, fill);
    const copyPath = join(copyDirectory, DATA_FILE);
    const { size: copiedBytes } = statSync(copyPath);
    if (!isWanted(sizeBytesBefore, copiedBytes)) {
      return { replaced: false, sizeBytesBefore, sizeBytesAfter: sizeBytesBefore };
    }
    takeOver(dataPath, copyPath);
    sync(copyPath);
    renameSync(copyPath, dataPath);
    sync(directory);
    return { replaced: true, sizeBytesBefore, sizeBytesAfter: copiedBytes };
  } catch (error) {
    throw ioError(error, task);
  } finally {
    rmSync(copyDirectory, { recursive: true, force: true });
  }
}

function fillCopy(copyDirectory: string, fill: Copying['fill']): void {
  const copy = new LmdbBackend(copyDirectory, { durable: false, hidden: true });
  try {
    // The copy is the same database, so it gets the marks of that, not those of a new one.
    copy.transaction(() => {
      for (const { key } of [...copy.tables.meta.entries()]) copy.tables.meta.delete(key);
    });
    fill(copy);
  } finally {
    copy.close();
  }
}

/** Gives the copy the permissions and the owner of the file that it replaces. */
function takeOver(dataPath: string, copyPath: string): void {
  const { mode, uid, gid } = statSync(dataPath);
  const copy = statSync(copyPath);
  if (copy.uid !== uid || copy.gid !== gid) chownSync(copyPath, uid, gid);
  chmodSync(copyPath, mode);
}
