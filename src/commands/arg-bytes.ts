// Turns keys and values of the command line into byte strings.

import { type Bytes, utf8 } from '../bytes/byte-string.js';
import { MvccwError } from '../errors.js';

/** Stands in an argument for bytes that are not UTF-8, which node has lost. No argument holds half a surrogate pair. */
export const LOST_BYTES = '\udcff';

/** What node itself puts in the place of such bytes. */
const REPLACEMENT = '\ufffd';

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

const KEY_HINT = 'give keys of any bytes in hexadecimal, with --key-hex';

/** Returns a key, or the end of a range, as bytes. Throws USAGE as argText does. */
export function keyBytes(text: string): Bytes;
export function keyBytes(text: string | undefined): Bytes | undefined;
export function keyBytes(text: string | undefined): Bytes | undefined {
  return text === undefined ? undefined : argBytes(text, KEY_HINT);
}

/** Returns the path of a file. Throws USAGE as argText does. */
export function argPath(text: string): string {
  if (text === '') {
    throw new MvccwError('USAGE', 'the path of a file is empty', { hint: 'is a variable of the shell not set?' });
  }
  return argText(text, 'give the file another name, or a link of another name');
}

/** Throws USAGE if node may have lost bytes of a variable of the environment: nothing tells whether it has. */
export function checkVariable(text: string | undefined, what: string, hint: string): void {
  if (!text?.includes(REPLACEMENT)) return;
  throw new MvccwError('USAGE', `${what} in the environment is not UTF-8, or holds U+FFFD`, { hint });
}

/** Returns the key in a variable of the environment as bytes. Throws USAGE as checkVariable does. */
export function variableBytes(text: string | undefined): Bytes | undefined {
  checkVariable(text, 'a key', KEY_HINT);
  return keyBytes(text);
}
