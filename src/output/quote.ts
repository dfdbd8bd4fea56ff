// Go's quoted strings (%q), in which etcdctl prints keys and values.

import { utf8 } from '../mvcc/byte-string.js';

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

/** Letters, marks, numbers, punctuation, symbols and the space: what Go prints as it is. */
const PRINTABLE = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function quoteChar(char: string): string {
  const named = NAMED[char];
  if (named !== undefined) return named;
  if (PRINTABLE.test(char)) return char;
  const code = char.codePointAt(0)!;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

/** The length of the UTF-8 sequence at `at`, 0 when there is none. */
function sequenceBytes(bytes: Buffer, at: number): number {
  const lead = bytes[at]!;
  const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const sequence = bytes.subarray(at, at + length);
  return Buffer.from(sequence.toString('utf8'), 'utf8').equals(sequence) ? length : 0;
}

/** Bytes as Go's %q writes them; a byte string. */
export function quoteGo(latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1');
  let quoted = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceBytes(bytes, at);
    if (length === 0) quoted += `\\x${hex(bytes[at]!, 2)}`;
    else quoted += quoteChar(bytes.toString('utf8', at, at + length));
    at += length || 1;
  }
  return utf8(`"${quoted}"`);
}
