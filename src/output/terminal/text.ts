// Shows keys and values to people. Control characters and bytes that are not UTF-8 become escapes, so that nothing
// steers a terminal or splits a line. etcdctl's own formats give a pipe the bytes as they are.

import { utf8 } from '../../bytes/byte-string.js';
import { escapePoint, isAscii, UNSAFE_IN_LINES, UNSAFE_OR_BACKSLASH } from '../../bytes/unsafe-characters.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

/** Returns the escape of a character; \xNN stands for a byte, and a character above ASCII has several. */
function escapeChar(char: string): string {
  return char.charCodeAt(0) < 0x80 ? escapeByte(char) : escapePoint(char);
}

function escapeByte(char: string): string {
  return NAMED[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** Returns bytes as text that is safe on any terminal. */
export function escapeBytes(latin1: string): string {
  if (isAscii(latin1)) return latin1.includes('\\') ? latin1.replaceAll('\\', '\\\\') : latin1;
  try {
    return decoder.decode(Buffer.from(latin1, 'latin1')).replace(UNSAFE_OR_BACKSLASH, escapeChar);
  } catch {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: anything that is not printable ASCII
    return latin1.replace(/[\x00-\x1f\x7f-\xff\\]/g, escapeByte);
  }
}

/** Returns a user's text in a form that is safe on any terminal. */
export function escapeText(text: string): string {
  return escapeBytes(utf8(text));
}

/** Returns bytes for an output as a byte string: escaped for a terminal, as they are for a pipe. */
export function bytesFor(terminal: boolean, latin1: string): string {
  return terminal ? utf8(escapeBytes(latin1)) : latin1;
}

/** Returns a message of mvccw, which may quote what was typed, with nothing in it that steers a terminal. */
export function escapeMessage(text: string): string {
  return text.replace(UNSAFE_IN_LINES, escapeChar);
}

/** Returns each byte as \xNN, as `etcdctl --hex` prints it. */
export function hexBytes(latin1: string): string {
  const digits = Buffer.from(Buffer.from(latin1, 'latin1').toString('hex'), 'latin1');
  const shown = Buffer.alloc(2 * digits.length, '\\x00');
  for (let at = 0; at < digits.length; at += 2) digits.copy(shown, 2 * at + 2, at, at + 2);
  return shown.toString('latin1');
}

/** Returns the beginning of bytes as `show` writes it, and their size if that is not all. */
export function cutBytes(value: Buffer, maxBytes: number, show: (latin1: string) => string): string {
  if (value.length <= maxBytes) return show(value.toString('latin1'));
  return `${show(value.toString('latin1', 0, maxBytes))}… (${value.length} bytes)`;
}
