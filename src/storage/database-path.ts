// What a path names, as far as can be seen without opening it.

import { type Stats, statSync } from 'node:fs';
import { MvccwError } from '../errors.js';
import { ioError } from './io-error.js';

/** Undefined where there is nothing. Throws IO. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
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
