// Checks a directory before LMDB opens it. lmdb-js 3.5.6 ends the whole process with a segmentation fault when
// mdb_env_open fails, whatever the reason. So every reason that can be foreseen is looked for here.
//
// This file must never open lock.mdb: closing a file drops all locks that the process has on it, and LMDB relies on
// such a lock, in this process too, to know that the environment is in use.

import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { MvccwError } from '../errors.js';
import { checkRoom } from './disk-room.js';
import { makeNamesDurable } from './durable-name.js';
import { ioError } from './io-error.js';
import { isPassing } from './leftovers.js';
import { PageGuard } from './lmdb-file/page-guard.js';
import { makeLockFile } from './lock-file.js';

export const DATA_FILE = 'data.mdb';
export const LOCK_FILE = 'lock.mdb';

const READ_WRITE = constants.R_OK | constants.W_OK;

/** More bytes than LMDB writes when it makes an environment. */
const NEW_ENVIRONMENT_BYTES = 256 * 1024;

/** Tells by the file names whether the directory holds an environment. Throws IO. */
export function holdsEnvironment(directory: string): boolean {
  const path = join(directory, DATA_FILE);
  const refusal = accessError(path, constants.F_OK);
  if (refusal !== undefined && refusal.code !== 'ENOENT') throw ioError(refusal, `cannot open ${path}`);
  return refusal === undefined;
}

/** Tells whether a directory holds anything else than an environment and what is there while one is made. */
export function holdsOtherFiles(directory: string): boolean {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    throw ioError(error, `cannot open ${directory}`);
  }
  return names.some((name) => name !== DATA_FILE && name !== LOCK_FILE && !isPassing(name));
}

/** Tells whether this process may write to the environment in a directory. */
export function canWrite(directory: string): boolean {
  return [DATA_FILE, LOCK_FILE].every((name) => accessError(join(directory, name), READ_WRITE) === undefined);
}

/** Throws if LMDB could not read the environment. Makes its lock file if that is missing and can be made. */
export function checkReadable(directory: string): void {
  const data = checkData(directory, constants.O_RDONLY);
  const lock = join(directory, LOCK_FILE);
  const refusal = accessError(lock, READ_WRITE);
  if (refusal === undefined) {
    checkRegular(lock);
  } else if (refusal.code === 'EACCES' && data.writable) {
    // LMDB would read without a lock. A writer would see no reader, and overwrite the pages that are being read.
    throw new MvccwError('IO', `cannot open ${lock} for writing, which reading needs too: permission denied`, {
      hint: 'get write permission for this one file, or read a copy of the directory',
      cause: refusal,
    });
  } else if (refusal.code === 'ENOENT' && accessError(directory, constants.W_OK) === undefined) {
    makeLock(directory, lock);
  }
}

/**
 * Makes the directory and the lock file if they are missing. Throws if LMDB could not write to the environment, or make
 * a new one.
 */
export function checkWritable(directory: string): void {
  const isOurs = makeDirectory(directory);
  try {
    checkDirectory(directory);
  } catch (error) {
    if (isOurs) rmdirSync(directory);
    throw error;
  }
}

/**
 * Makes the directory and those above it, durably. Returns whether it was missing before. Throws IO.
 *
 * They are made one by one: if a directory that is there refuses with ENOENT, as /proc does, the recursion of Node.js
 * never ends.
 */
export function makeDirectory(directory: string): boolean {
  if (accessError(directory, constants.F_OK) === undefined) return false;
  const above = dirname(directory);
  if (above !== directory) makeDirectory(above);
  try {
    mkdirSync(directory, { mode: 0o700 });
    makeNamesDurable(directory);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw ioError(error, `cannot make ${directory}`);
  }
}

function checkDirectory(directory: string): void {
  if (holdsEnvironment(directory)) checkData(directory, constants.O_RDWR);
  else checkRoom(directory, NEW_ENVIRONMENT_BYTES);
  const lock = join(directory, LOCK_FILE);
  const refusal = accessError(lock, READ_WRITE);
  if (refusal === undefined) checkRegular(lock);
  else if (refusal.code !== 'ENOENT') throw ioError(refusal, `cannot open ${lock}`);
  else makeLock(directory, lock);
}

function makeLock(directory: string, lock: string): void {
  try {
    makeLockFile(directory, lock);
  } catch (error) {
    throw ioError(error, `cannot write to ${directory}`);
  }
}

interface DataFile {
  /** Whether any user may write to the file. */
  readonly writable: boolean;
}

function checkData(directory: string, mode: number): DataFile {
  const path = join(directory, DATA_FILE);
  let descriptor: number;
  try {
    checkRegular(path);
    descriptor = openSync(path, mode | constants.O_NONBLOCK);
  } catch (error) {
    throw ioError(error, `cannot open ${path}`);
  }
  try {
    const { size, mode: permissions } = fstatSync(descriptor);
    if (size === 0) throw emptyFile(path);
    checkPages(path);
    return { writable: (permissions & 0o222) !== 0 };
  } finally {
    closeSync(descriptor);
  }
}

/** Throws FORMAT or CORRUPT if LMDB could not open the file. */
function checkPages(path: string): void {
  new PageGuard(path).close();
}

/** Throws FORMAT for what is no regular file; a link to one would be replaced by a defragmentation, not followed. */
function checkRegular(path: string): void {
  const stats = lstatSync(path);
  if (stats.isFile()) return;
  if (!stats.isSymbolicLink()) throw new MvccwError('FORMAT', `${path} is not a regular file`);
  const target = resolve(dirname(path), readlinkSync(path));
  throw new MvccwError('FORMAT', `${path} is a symbolic link to ${target}, not a regular file`, {
    hint: `name the directory of the file itself: --db ${dirname(target)}`,
  });
}

/** A database appears with its tables in it, so a file without a byte is what a copy or a repair has left. */
function emptyFile(path: string): MvccwError {
  return new MvccwError('CORRUPT', `${path} is empty: a database has at least two pages`, {
    hint: 'restore it from a copy, or remove the file: the next write then makes a new database',
  });
}

/** Returns the error with which the system refuses; undefined if it does not. */
function accessError(path: string, mode: number): NodeJS.ErrnoException | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}
