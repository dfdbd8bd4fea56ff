// Turns keys and values of the command line into byte strings.

import { type Bytes, utf8 } from '../bytes/byte-string.js';
import { MvccwError } from '../errors.js';

/** The character that node puts in place of bytes that are not UTF-8. */
const LOST_BYTES = '\ufffd';

/**
 * Returns an argument as text. Throws USAGE when node has lost bytes of it; `hint` says how to give such bytes.
 */
export function argText(text: string, hint: string): string {
  if (!text.includes(LOST_BYTES)) return text;
  throw new MvccwError('USAGE', 'an argument is not UTF-8', { hint });
}

/** Returns an argument as bytes. Throws USAGE as argText does. */
export function argBytes(text: string, hint: string): Bytes {
  return utf8(argText(text, hint));
}

/** Returns a key, or the end of a range, as bytes. Throws USAGE as argText does. */
export function keyBytes(text: string): Bytes;
export function keyBytes(text: string | undefined): Bytes | undefined;
export function keyBytes(text: string | undefined): Bytes | undefined {
  return text === undefined ? undefined : argBytes(text, 'give keys of any bytes in hexadecimal, with --key-hex');
}
