// People write bytes in hexadecimal as `--hex` prints them (\x62\xff), or as digits alone (62ff). Blanks may stand between
// bytes.

import { type Bytes, bytesOf } from './byte-string.js';

const BLANKS = ' \t\r\n';

/** Returns the byte string; undefined if the text is not made of whole bytes. */
export function fromHex(text: string): Bytes | undefined {
  const bytes = Buffer.allocUnsafe(text.length >> 1);
  let end = 0;
  // A loop reads the bytes, because a regular expression that repeats a group takes stack for each of them.
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

/** Returns the value of a digit; -1 where there is no digit. */
function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
