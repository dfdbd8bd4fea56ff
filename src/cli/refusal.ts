// Tells what the machine refuses apart from bugs of mvccw: a file that cannot be opened, also one of mvccw's own modules,
// and memory that is not there.

import { MvccwError } from '../errors.js';
import { ioError } from '../storage/io-error.js';

/** Returns an IO error for a refusal of the machine that nothing below has told; any other error as it is. */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_STRING_TOO_LONG' || error.message === 'Array buffer allocation failed') {
    return new MvccwError('IO', 'there is no memory for that much in one piece', { cause: error });
  }
  return ioError(error, 'the machine refused');
}
