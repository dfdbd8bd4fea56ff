// Writes a watcher as parse-watch-spec.ts reads it, in one line that can be pasted between single quotes:
//
//   name=pods,key=/registry/pods/,prefix,rev=100,filter=delete,stream=s1,prevKv

import { prefixEnd } from '../mvcc/key-range.js';
import { filterWord } from '../watch/event-filter.js';
import type { WatchSpec } from './watch-spec.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Matches characters that end a field or the quotes, and characters that do not show. */
const ESCAPED = /[,\\']|(?! )[\p{C}\p{Z}]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: anything that is not printable ASCII
const ESCAPED_BYTE = /[,\\'\x00-\x1f\x7f-\xff]/g;

function escapeChar(char: string): string {
  if (char === ',' || char === '\\') return `\\${char}`;
  return [...Buffer.from(char, 'utf8')].map(escapeByte).join('');
}

function escapeByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** Returns a byte string as the value of a field. */
function fieldOfBytes(latin1: string): string {
  try {
    return decoder.decode(Buffer.from(latin1, 'latin1')).replace(ESCAPED, escapeChar);
  } catch {
    return latin1.replace(ESCAPED_BYTE, (char) => (char < '\x80' ? escapeChar(char) : escapeByte(char.charCodeAt(0))));
  }
}

function fieldOfText(text: string): string {
  return text.replace(ESCAPED, escapeChar);
}

function rangeFields({ key, end }: WatchSpec): string[] {
  const keyField = `key=${fieldOfBytes(key)}`;
  if (end === undefined) return [keyField];
  if (end === '') return [keyField, 'fromKey'];
  return [keyField, end === prefixEnd(key) ? 'prefix' : `end=${fieldOfBytes(end)}`];
}

export function formatWatchSpec(spec: WatchSpec): string {
  return [
    `name=${fieldOfText(spec.name)}`,
    ...rangeFields(spec),
    ...(spec.startRev === undefined ? [] : [`rev=${spec.startRev}`]),
    ...spec.filters.map((filter) => `filter=${filterWord(filter)}`),
    ...(spec.stream === undefined ? [] : [`stream=${fieldOfText(spec.stream)}`]),
    ...(spec.prevKv ? ['prevKv'] : []),
    ...(spec.progressNotify ? ['progressNotify'] : []),
    ...(spec.fragment ? ['fragment'] : []),
  ].join(',');
}
