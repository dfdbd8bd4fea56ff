// etcd's tools take keys and values as Go's quoted strings: "…" has escapes, `…` has none. Bytes that are not UTF-8 pass
// as they are.

import { type Bytes, bytesOf, sliceBytes } from './byte-string.js';

const NAMED: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};

/** Matches an escape or plain text. \xNN and \NNN are a byte, \uNNNN and \UNNNNNNNN a code point. */
const PIECE = /\\x([0-9a-fA-F]{2})|\\([0-7]{3})|\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\([abfnrtv\\"])|([^"\\\n]+)/y;

const MAX_CODE_POINT = 0x10ffff;

/**
 * Returns the position behind the quoted string that begins at `from`; undefined when the string does not end. A loop
 * finds it, because a regular expression that steps over escapes takes stack for each character.
 */
export function endOfQuoted(text: string, from: number): number | undefined {
  const quote = text[from];
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === quote) return at + 1;
    if (text[at] === '\\' && quote === '"') at++;
  }
  return undefined;
}

/** Returns the bytes that a quoted string stands for; undefined when it is not a quoted string. */
export function unquoteGo(quoted: Bytes): Bytes | undefined {
  const quote = quoted[0];
  if (quoted.length < 2 || quote !== quoted[quoted.length - 1]) return undefined;
  const inner = sliceBytes(quoted, 1, -1);
  if (quote === '`') return inner.includes('`') ? undefined : inner;
  return quote === '"' ? unescapeGo(inner) : undefined;
}

function unescapeGo(inner: string): Bytes | undefined {
  // An escape is never shorter than what it stands for.
  const bytes = Buffer.allocUnsafe(inner.length);
  let end = 0;
  PIECE.lastIndex = 0;
  for (let at = 0; at < inner.length; at = PIECE.lastIndex) {
    const match = PIECE.exec(inner);
    if (match === null) return undefined;
    const [, hex, octal, short, long, named, plain] = match;
    const point = short ?? long;
    if (plain !== undefined) {
      end += bytes.write(plain, end, 'latin1');
    } else if (named !== undefined) {
      end += bytes.write(NAMED[named]!, end, 'latin1');
    } else if (point !== undefined) {
      const code = Number.parseInt(point, 16);
      if (code > MAX_CODE_POINT || (code >= 0xd800 && code < 0xe000)) return undefined;
      end += bytes.write(String.fromCodePoint(code), end, 'utf8');
    } else {
      const code = hex === undefined ? Number.parseInt(octal!, 8) : Number.parseInt(hex, 16);
      if (code > 0xff) return undefined;
      bytes[end++] = code;
    }
  }
  return bytesOf(bytes.subarray(0, end));
}
