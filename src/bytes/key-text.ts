// Keys in messages: quoted, with nothing in them that could steer a terminal.

import { fromUtf8 } from './byte-string.js';

/** C0 and C1 controls, DEL, and what reorders or hides text. JSON escapes only the first of these. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to find
export const UNSAFE = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A key, or any byte string, in double quotes. */
export function quoteKey(latin1: string): string {
  return quoteText(fromUtf8(latin1));
}

/** Text in double quotes. */
export function quoteText(text: string): string {
  return JSON.stringify(text).replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
