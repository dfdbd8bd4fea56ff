// Turns errors of LMDB into errors of mvccw. LMDB numbers its own conditions below zero, and passes on errno above
// zero.

import { getSystemErrorMap } from 'node:util';
import { MvccwError, type MvccwErrorOptions } from '../errors.js';
import { ioError } from './io-error.js';

interface Condition extends Pick<MvccwErrorOptions, 'hint'> {
  readonly code: 'IO' | 'CORRUPT' | 'FORMAT';
}

export const DAMAGED = { code: 'CORRUPT', hint: 'restore it from a copy, or import the etcd file again' } as const;

/** Returns the error for bytes that contradict their sum, or each other. */
export function damaged(message: string): MvccwError {
  const { code, hint } = DAMAGED;
  return new MvccwError(code, message, { hint });
}

const CONDITIONS: Readonly<Record<number, Condition>> = {
  [-30797]: DAMAGED, // a page is not there
  [-30796]: DAMAGED, // a page is of the wrong kind
  [-30795]: { code: 'IO', hint: 'the disk failed under it: look at the system log' }, // panic
  [-30794]: { code: 'FORMAT', hint: 'use the mvccw that made it' }, // version mismatch
  [-30793]: { code: 'FORMAT' }, // not an LMDB file
  [-30792]: { code: 'IO', hint: 'there is no address space for a database of this size' }, // map full
  [-30790]: { code: 'IO', hint: 'too many processes read it at once: wait until some have ended' }, // readers full
  [-30785]: { code: 'IO', hint: 'there is no address space for a database of this size' }, // map resized
  [-30782]: DAMAGED, // a transaction cannot go on: what it has met in the file makes no sense
};

/** Returns an MvccwError for an error of LMDB; returns any other error as it is. */
export function lmdbError(error: unknown, what: string): unknown {
  if (error instanceof MvccwError || !(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  if (typeof code !== 'number') return ioError(error, what);
  if (code > 0) {
    const name = getSystemErrorMap().get(-code)?.[0];
    return ioError(Object.assign(new Error(error.message), { code: name ?? 'EIO' }), what);
  }
  const { code: ours, hint } = CONDITIONS[code] ?? { code: 'IO' };
  return new MvccwError(ours, `${what}: ${error.message}`, { cause: error, hint });
}

/** The error for a database that never stays as it is long enough to be opened. */
export function cannotKeepUp(directory: string): MvccwError {
  return new MvccwError('IO', `${directory} is opened or replaced by others without end`, {
    hint: 'try again when fewer processes open it',
  });
}
