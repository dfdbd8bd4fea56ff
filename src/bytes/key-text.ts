// Keys and text in messages: they stand in quotes, and nothing in them can steer a terminal.

import { fromUtf8 } from './byte-string.js';
import { quoteGo } from './quote.js';

/** Matches control characters, and characters that reorder or hide text. JSON escapes only the first 32 of them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to find
export const UNSAFE = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Returns a key, or any byte string, in double quotes, as Go quotes it: the lines of `txn` and `watch -i` take it back. */
export function quoteKey(latin1: string): string {
  return fromUtf8(quoteGo(latin1));
}

/** Returns text in double quotes. */
export function quoteText(text: string): string {
  return JSON.stringify(text).replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
