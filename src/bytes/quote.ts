// Go's quoted strings (%q), in which etcdctl prints keys and values.

import { type Bytes, bytesOf } from './byte-string.js';
import { NEWER_CHARACTER } from './newer-characters.js';

const NAMED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** Matches the characters that Go prints as they are: letters, marks, numbers, punctuation, symbols and the space. */
const PRINTABLE = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function escapeOf(point: number): string {
  const char = String.fromCodePoint(point);
  const named = NAMED[char];
  if (named !== undefined) return named;
  if (PRINTABLE.test(char) && !NEWER_CHARACTER.test(char)) return char;
  if (point < 0x80) return `\\x${hex(point, 2)}`;
  return point < 0x10000 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`;
}

/** The lowest code point that a UTF-8 sequence may have, by the length of the sequence. */
const LOWEST = [0, 0, 0x80, 0x800, 0x10000];

/** Returns the code point of the UTF-8 sequence at `at`; -1 when there is no sequence. */
function codePointAt(bytes: Buffer, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return lead;
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return -1;
  let point = lead & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i]!;
    if ((next & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (next & 0x3f);
  }
  const isSurrogate = point >= 0xd800 && point < 0xe000;
  return point < LOWEST[length]! || isSurrogate || point > 0x10ffff ? -1 : point;
}

/** A byte becomes \\xNN at most. */
const MAX_GROWTH = 4;

/** The quoted forms of ASCII, and of bytes that are not UTF-8. */
const ASCII = Array.from({ length: 0x80 }, (_, point) => Buffer.from(escapeOf(point)));
const INVALID = Array.from({ length: 0x100 }, (_, byte) => Buffer.from(`\\x${hex(byte, 2)}`));

/** Returns bytes as Go's %q writes them. */
export function quoteGo(latin1: string): Bytes {
  const bytes = Buffer.from(latin1, 'latin1');
  // The result is written into one buffer, because a string that grows by a few characters a time takes 20 times the room.
  const quoted = Buffer.allocUnsafe(MAX_GROWTH * bytes.length + 2);
  let end = quoted.write('"', 0, 'latin1');
  for (let at = 0; at < bytes.length; ) {
    const point = codePointAt(bytes, at);
    const piece = point < 0 ? INVALID[bytes[at]!]! : (ASCII[point] ?? Buffer.from(escapeOf(point)));
    for (const byte of piece) quoted[end++] = byte;
    at += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  end += quoted.write('"', end, 'latin1');
  return bytesOf(quoted.subarray(0, end));
}
