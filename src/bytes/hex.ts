// Bytes in hexadecimal: as `--hex` prints them (\x62\xff), or only the digits (62ff), with blanks between bytes or not.

import { type Bytes, bytesOf } from './byte-string.js';

const BLANKS = ' \t\r\n';

/** Returns the byte string; undefined if the text is not made of whole bytes. */
export function fromHex(text: string): Bytes | undefined {
  const bytes = Buffer.allocUnsafe(text.length >> 1);
  let end = 0;
  // By hand: a regular expression that repeats a group takes stack for each byte.
  for (let at = 0; at < text.length; ) {
    if (BLANKS.includes(text[at]!)) {
      at++;
      continue;
    }
    if (text[at] === '\\' && text[at + 1] === 'x') at += 2;
    const [high, low] = [digitAt(text, at), digitAt(text, at + 1)];
    if (high < 0 || low < 0) return undefined;
    bytes[end++] = high * 16 + low;
    at += 2;
  }
  return bytesOf(bytes.subarray(0, end));
}

/** The value of a digit, -1 where there is none. */
function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
