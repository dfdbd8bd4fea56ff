// What a path names, as far as it can be told without opening the file.

import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { MvccwError } from '../errors.js';
import { ioError } from './io-error.js';

/** Returns what the path names; undefined if there is nothing. Throws IO. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw ioError(error, `cannot open ${path}`);
  }
}

/** The database of an etcd server, from its data directory, from `member` in it, and from `snap` in that; or packed. */
const PLACES = [join('member', 'snap', 'db'), join('snap', 'db'), 'db'];
const DATABASE_IN_DIRECTORY = [...PLACES, ...PLACES.map((name) => `${name}.gz`)];

/** Why there is no file in a place, as a directory of it is missing, or is a file. */
const NOT_THERE = ['ENOENT', 'ENOTDIR'];

/** Returns the database file of the etcd server that has this directory; undefined if no server has it. */
export function etcdFileIn(directory: string): string | undefined {
  return DATABASE_IN_DIRECTORY.map((name) => join(directory, name)).find((path) => isFile(path));
}

/** Returns the etcd file that a path names. For a server's directory, `remark` says which file of it that is. */
export function etcdFileAt(given: string): { readonly path: string; readonly remark?: string } {
  const path = statOf(given)?.isDirectory() === true ? etcdFileIn(given) : undefined;
  if (path === undefined) return { path: given };
  return { path, remark: `${given} is the directory of an etcd server: reading ${path}` };
}

/** Throws IO if this cannot be told: what is not seen must not count as not there. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    if (NOT_THERE.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw ioError(error, `cannot open ${path}`);
  }
}

export function notADatabase(path: string): MvccwError {
  return new MvccwError('FORMAT', `${path} is a directory, but no database of mvccw: it holds no data.mdb`, {
    hint: 'name the directory that mvccw import made, or an etcd file',
  });
}

export function noDatabase(path: string): MvccwError {
  return new MvccwError('IO', `there is no database at ${path}`, {
    hint: 'name one with --db or $MVCCW_DB, or make one with: mvccw put KEY VALUE, or: mvccw import FILE',
  });
}
