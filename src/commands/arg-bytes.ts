// Keys and values from the command line, as byte strings.

import { utf8 } from '../bytes/byte-string.js';
import { MvccwError } from '../errors.js';

/** What node puts in the place of bytes of an argument that are not UTF-8. */
const LOST_BYTES = '\ufffd';

const ELSEWHERE = 'give other bytes as "\\xNN" in the lines of "mvccw txn", or a value on stdin';

/**
 * An argument as text. Throws USAGE where the bytes that were typed can no longer be known; `hint` says where other
 * bytes can be given.
 */
export function argText(text: string, hint: string): string {
  if (!text.includes(LOST_BYTES)) return text;
  throw new MvccwError('USAGE', 'an argument is not UTF-8', { hint });
}

/** An argument as bytes. Throws USAGE as argText does. */
export function argBytes(text: string, hint = ELSEWHERE): string {
  return utf8(argText(text, hint));
}
