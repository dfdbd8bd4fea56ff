// Watch specs and event names take keys with the escapes that mvccw prints. \xNN is a byte, \uNNNN and
// \UNNNNNNNN are a code point; \n, \r and \t have their usual meaning; any other character behind a backslash is itself.

import { type Bytes, utf8 } from './byte-string.js';

const ESCAPE = /\\x([0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\U(00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})|\\([\s\S])/g;

const NAMED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** Returns the byte string that the text stands for. */
export function unescapeBytes(text: string): Bytes {
  const bytes: string = utf8(text).replace(
    ESCAPE,
    (_escape, hex?: string, point?: string, long?: string, char = '') => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      const digits = point ?? long;
      if (digits !== undefined) return utf8(String.fromCodePoint(Number.parseInt(digits, 16)));
      return NAMED[char] ?? char;
    },
  );
  return bytes as Bytes;
}
