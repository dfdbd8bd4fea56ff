// Makes the lock file of an environment. LMDB would make a sparse one, and maps it: the first use of a page of it on a
// full disk ends the process with a signal. So it is written in full before LMDB sees it.
//
// It is written under another name, closed, and then linked. So it is there in full or not at all, and no descriptor of
// lock.mdb is ever closed here: that would drop the locks that this process has on it.

import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { passingPath } from './leftovers.js';

/** The number of processes that may read at the same time. */
export const MAX_READERS = 1000;
/** The size that LMDB gives the file for this number of readers, on 64-bit machines. */
const LOCK_FILE_BYTES = 64_208;

/** The errors of a file system without hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Tells whether an error of `link` is about the file system, which has no hard links. */
export function lacksLinks(error: unknown): boolean {
  return NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Makes the lock file `path` in `directory`, unless there is one. Throws errors of the system. */
export function makeLockFile(directory: string, path: string): void {
  const beside = passingPath(directory, '.lock-');
  try {
    const descriptor = openSync(beside, 'wx', 0o600);
    try {
      writeFileSync(descriptor, Buffer.alloc(LOCK_FILE_BYTES));
      // Some file systems choose the blocks, and notice that there are none, only now.
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    linkSync(beside, path);
  } catch (error) {
    // Without links, LMDB makes the file.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' && !lacksLinks(error)) throw error;
  } finally {
    rmSync(beside, { force: true });
  }
}
