// Turns refusals of the operating system into errors of mvccw that say what to do.

import { MvccwError } from '../errors.js';

const HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'check the path',
  EACCES: 'check who owns it and may read or write it',
  EPERM: 'check who owns it and may read or write it',
  EROFS: 'the file system is read-only: choose another place with --db',
  ENOSPC: 'the disk is full: nothing was written; free some space and try again',
  EFBIG: 'the file would be larger than this process may make it (ulimit -f), or the file system: nothing was written',
  // LMDB reports this error for a write that found room only for a part.
  EIO: 'the disk is full, or fails: see how much is free (df), and the system log',
  EISDIR: 'name a file, not a directory',
  ENOTDIR: 'a part of the path is a file',
  EMFILE: 'too many open files: raise the limit (ulimit -n)',
  ENFILE: 'too many open files on this machine: close some programs',
  ELOOP: 'the path leads through links that lead back to themselves',
  ENAMETOOLONG: 'the path, or a name in it, is longer than the file system takes',
  ENXIO: 'it is a socket, or a pipe that nobody has open: name a file',
};

/** Returns an IO error for a failed system call; returns any other error as it is. */
export function ioError(error: unknown, what: string): unknown {
  if (error instanceof MvccwError || !(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_INVALID_ARG_VALUE' && error.message.includes('null bytes')) {
    return new MvccwError('USAGE', `${what}: a path cannot hold a zero byte`, { cause: error, hint: HINTS.ENOENT });
  }
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  const hint = HINTS[code];
  return new MvccwError('IO', `${what}: ${error.message}`, { cause: error, hint });
}
