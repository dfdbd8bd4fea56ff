// Keys and text in messages: they stand in quotes, and nothing in them can steer a terminal.

import { fromUtf8 } from './byte-string.js';
import { quoteGo } from './quote.js';
import { jsonText } from './unsafe-characters.js';

/** Returns a key, or any byte string, in double quotes, as Go quotes it: the lines of `txn` and `watch -i` take it back. */
export function quoteKey(latin1: string): string {
  return fromUtf8(quoteGo(latin1));
}

/** Returns text in double quotes. */
export function quoteText(text: string): string {
  return jsonText(text);
}
