// What has to hold before LMDB may open a directory. lmdb-js 3.5.6 ends the whole process with a segmentation fault
// when mdb_env_open fails, whatever the reason, so every reason that can be foreseen is looked for here.
//
// Never open lock.mdb here: closing a file drops all locks that the process has on it, and LMDB, in this process too,
// relies on one to know that the environment is in use.

import { randomUUID } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { MvccwError } from '../errors.js';
import { ioError } from './io-error.js';

export const DATA_FILE = 'data.mdb';
const LOCK_FILE = 'lock.mdb';

/** Of a directory in which a database is filled before it appears (new-database.ts). */
export const FILLING_PREFIX = '.filling-';
const PROBE_PREFIX = '.space-';
/** What other processes leave beside an environment while they make one. */
const PASSING_PREFIXES = [FILLING_PREFIX, PROBE_PREFIX];

const READ_WRITE = constants.R_OK | constants.W_OK;

/** Meta pages, as the LMDB of lmdb-js lays them out: a page header of 24 bytes, then the meta. */
const HEADER_BYTES = 64;
const FLAGS_AT = 18;
const META_FLAG = 0x08;
const MAGIC_AT = 24;
const VERSION_AT = 28;
const PAGE_SIZE_AT = 48;
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
/** The page header of stock LMDB is shorter. */
const STOCK_MAGIC_AT = 16;

/** More than LMDB writes when it makes an environment. */
const NEW_ENVIRONMENT_BYTES = 256 * 1024;

/** Whether the directory holds an environment, as far as its file names tell. */
export function holdsEnvironment(directory: string): boolean {
  const path = join(directory, DATA_FILE);
  const refusal = accessError(path, constants.F_OK);
  if (refusal !== undefined && refusal.code !== 'ENOENT') throw ioError(refusal, `cannot open ${path}`);
  return refusal === undefined;
}

/** Whether a directory holds anything but an environment, or what comes with the making of one. */
export function holdsOtherFiles(directory: string): boolean {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    throw ioError(error, `cannot open ${directory}`);
  }
  const isPassing = (name: string) => PASSING_PREFIXES.some((prefix) => name.startsWith(prefix));
  return names.some((name) => name !== DATA_FILE && name !== LOCK_FILE && !isPassing(name));
}

/** Whether this process may write to the environment in a directory. */
export function canWrite(directory: string): boolean {
  return [DATA_FILE, LOCK_FILE].every((name) => accessError(join(directory, name), READ_WRITE) === undefined);
}

/** Throws where LMDB could not read the environment. False: it is there, but nothing has been committed to it yet. */
export function checkReadable(directory: string): boolean {
  const data = checkData(directory, constants.O_RDONLY);
  const lock = join(directory, LOCK_FILE);
  const refusal = accessError(lock, READ_WRITE);
  if (refusal === undefined) {
    checkRegular(lock);
  } else if (refusal.code === 'EACCES' && data.writable) {
    // LMDB would read without a lock, and a writer, seeing no reader, overwrite the pages that are being read.
    throw new MvccwError('IO', `cannot open ${lock} for writing, which reading needs too: permission denied`, {
      hint: 'get write permission for this one file, or read a copy of the directory',
      cause: refusal,
    });
  } else if (refusal.code === 'ENOENT' && accessError(directory, constants.W_OK) === undefined) {
    checkSpace(directory);
  }
  return data.sizeBytes > 0;
}

/** Makes the directory if need be. Throws where LMDB could not write to the environment, or make a new one. */
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
 * Makes the directory, and those above it. Whether it was not there before. Throws IO.
 *
 * One by one: where a directory that is there refuses with ENOENT, as /proc does, node's own recursion never ends.
 */
export function makeDirectory(directory: string): boolean {
  if (accessError(directory, constants.F_OK) === undefined) return false;
  const above = dirname(directory);
  if (above !== directory) makeDirectory(above);
  try {
    mkdirSync(directory, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw ioError(error, `cannot make ${directory}`);
  }
}

function checkDirectory(directory: string): void {
  const isNew = !holdsEnvironment(directory) || checkData(directory, constants.O_RDWR).sizeBytes === 0;
  const lock = join(directory, LOCK_FILE);
  const refusal = accessError(lock, READ_WRITE);
  if (refusal === undefined) checkRegular(lock);
  else if (refusal.code !== 'ENOENT') throw ioError(refusal, `cannot open ${lock}`);
  if (isNew || refusal !== undefined) checkSpace(directory);
}

interface DataFile {
  /** 0 while it is being made. */
  readonly sizeBytes: number;
  /** By anyone at all. */
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
    if (size > 0) checkMetaPages(path, descriptor, size);
    return { sizeBytes: size, writable: (permissions & 0o222) !== 0 };
  } finally {
    closeSync(descriptor);
  }
}

function checkMetaPages(path: string, descriptor: number, sizeBytes: number): void {
  const first = Buffer.alloc(HEADER_BYTES);
  readSync(descriptor, first, 0, HEADER_BYTES, 0);
  if (first.readUInt32LE(MAGIC_AT) !== MAGIC) {
    const isStock = first.readUInt32LE(STOCK_MAGIC_AT) === MAGIC;
    throw new MvccwError('FORMAT', `${path} is ${isStock ? "in stock LMDB's data format 1, not 2" : 'no LMDB file'}`, {
      hint: 'name the directory that mvccw import made, or an etcd file',
    });
  }
  const version = first.readUInt32LE(VERSION_AT) & 0xffff;
  if (version !== DATA_VERSION) {
    throw new MvccwError('FORMAT', `${path} is in LMDB's data format ${version}, not ${DATA_VERSION}`);
  }
  const pageSize = first.readUInt32LE(PAGE_SIZE_AT);
  const second = Buffer.alloc(HEADER_BYTES);
  readSync(descriptor, second, 0, HEADER_BYTES, pageSize);
  const areMetas = [first, second].every((page) => (page.readUInt16LE(FLAGS_AT) & META_FLAG) !== 0);
  if (!areMetas || second.readUInt32LE(MAGIC_AT) !== MAGIC || sizeBytes < 2 * pageSize) {
    throw new MvccwError('CORRUPT', `${path} does not begin with two meta pages of ${pageSize} bytes`, {
      hint: 'restore it from a copy, or import the etcd file again',
    });
  }
}

function checkRegular(path: string): void {
  if (!statSync(path).isFile()) throw new MvccwError('FORMAT', `${path} is not a regular file`);
}

/** Why the system refuses; undefined when it does not. */
function accessError(path: string, mode: number): NodeJS.ErrnoException | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

/** A new lock file is sparse and mapped into memory: on a full disk its first use would end the process. */
function checkSpace(directory: string): void {
  const probe = join(directory, `${PROBE_PREFIX}${randomUUID()}`);
  try {
    const descriptor = openSync(probe, 'wx', 0o600);
    try {
      // Without a name it is gone when the process is.
      unlinkSync(probe);
      writeFileSync(descriptor, Buffer.alloc(NEW_ENVIRONMENT_BYTES));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw ioError(error, `cannot write to ${directory}`);
  }
}
