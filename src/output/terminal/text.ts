// Keys and values for people. Into a pipe bytes go as they are; on a terminal nothing may steer it, so control
// characters and bytes that are not UTF-8 are shown as escapes.

import { utf8 } from '../../bytes/byte-string.js';
import { UNSAFE } from '../../bytes/key-text.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

/** The backslash begins an escape, and is one itself. */
const ESCAPED = new RegExp(`\\\\|${UNSAFE.source}`, 'g');

/** A message has lines. */
const UNSAFE_IN_MESSAGE = new RegExp(`(?!\\n)${UNSAFE.source}`, 'g');

/** \xNN is a byte: a character above ASCII has several. */
function escapeChar(char: string): string {
  const code = char.charCodeAt(0);
  return code < 0x80 ? escapeByte(char) : `\\u${code.toString(16).padStart(4, '0')}`;
}

function escapeByte(char: string): string {
  return NAMED[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** Bytes as text that is safe on any terminal. */
export function escapeBytes(latin1: string): string {
  try {
    return decoder.decode(Buffer.from(latin1, 'latin1')).replace(ESCAPED, escapeChar);
  } catch {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: anything that is not printable ASCII
    return latin1.replace(/[\x00-\x1f\x7f-\xff\\]/g, escapeByte);
  }
}

/** Text that came from a user, safe on any terminal. */
export function escapeText(text: string): string {
  return escapeBytes(utf8(text));
}

/** Bytes for an output: escaped for a terminal, else as they are. A byte string. */
export function bytesFor(terminal: boolean, latin1: string): string {
  return terminal ? utf8(escapeBytes(latin1)) : latin1;
}

/** A message of our own, which may quote what was typed, with nothing in it that steers a terminal. */
export function escapeMessage(text: string): string {
  return text.replace(UNSAFE_IN_MESSAGE, escapeChar);
}

/** Every byte as \xNN, as `etcdctl --hex` prints them. */
export function hexBytes(latin1: string): string {
  const digits = Buffer.from(Buffer.from(latin1, 'latin1').toString('hex'), 'latin1');
  const shown = Buffer.alloc(2 * digits.length, '\\x00');
  for (let at = 0; at < digits.length; at += 2) digits.copy(shown, 2 * at + 2, at, at + 2);
  return shown.toString('latin1');
}
