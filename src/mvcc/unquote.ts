// Go's quoted strings, in which etcd's tools take keys and values: "…" with escapes, `…` as it stands. Byte strings;
// bytes that are not UTF-8 pass as they are.

import { utf8 } from './byte-string.js';

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

/** One character of a double-quoted string: \xNN and \NNN are a byte, \uNNNN and \UNNNNNNNN a code point. */
const CHARACTER =
  /\\x([0-9a-fA-F]{2})|\\([0-7]{3})|\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\([abfnrtv\\"])|([^"\\\n])/y;

const MAX_CODE_POINT = 0x10ffff;

/** The bytes that a quoted string stands for; undefined when it is none. */
export function unquoteGo(quoted: string): string | undefined {
  const quote = quoted[0];
  if (quoted.length < 2 || quote !== quoted[quoted.length - 1]) return undefined;
  const inner = quoted.slice(1, -1);
  if (quote === '`') return inner.includes('`') ? undefined : inner;
  return quote === '"' ? unescapeGo(inner) : undefined;
}

function unescapeGo(inner: string): string | undefined {
  let bytes = '';
  CHARACTER.lastIndex = 0;
  for (let at = 0; at < inner.length; at = CHARACTER.lastIndex) {
    const match = CHARACTER.exec(inner);
    if (match === null) return undefined;
    const [, hex, octal, short, long, named, plain] = match;
    const point = short ?? long;
    if (plain !== undefined) {
      bytes += plain;
    } else if (named !== undefined) {
      bytes += NAMED[named];
    } else if (point !== undefined) {
      const code = Number.parseInt(point, 16);
      if (code > MAX_CODE_POINT || (code >= 0xd800 && code < 0xe000)) return undefined;
      bytes += utf8(String.fromCodePoint(code));
    } else {
      const code = hex === undefined ? Number.parseInt(octal!, 8) : Number.parseInt(hex, 16);
      if (code > 0xff) return undefined;
      bytes += String.fromCharCode(code);
    }
  }
  return bytes;
}
