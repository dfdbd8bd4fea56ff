// Finds members of a JSON object without reading the rest: a check asks for a few names of each of millions of values. What
// lies behind the last of them is not looked at, so it may be no JSON.

import { textBetween } from './tree.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** Where a value begins. */
type Place = number;

function skipBlanks(bytes: Buffer, at: number): number {
  let next = at;
  while (isBlank(bytes[next])) next++;
  return next;
}

/** Returns where the string ends that begins at `start`, behind its quote. */
function endOfString(bytes: Buffer, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) return at + 1;
  }
  return bytes.length;
}

/** Returns where the value ends that begins at `start`. */
function endOfValue(bytes: Buffer, start: number): number {
  if (bytes[start] === QUOTE) return endOfString(bytes, start);
  let depth = 0;
  for (let at = start; at < bytes.length; ) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      at = endOfString(bytes, at);
      continue;
    }
    if (OPENING.has(byte)) depth++;
    else if (CLOSING.has(byte) && --depth <= 0) return depth < 0 ? at : at + 1;
    else if (depth === 0 && byte === COMMA) return at;
    at++;
  }
  return bytes.length;
}

/** Returns the place of a name in a list; -1 if it is none of them. */
function placeOfName(names: readonly Buffer[], bytes: Buffer, start: number, end: number): number {
  for (let place = 0; place < names.length; place++) if (isName(names[place]!, bytes, start, end)) return place;
  return -1;
}

function isName(name: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let at = 0; at < name.length; at++) if (bytes[start + at] !== name[at]) return false;
  return true;
}

/** Returns where the values of the named members begin, in the object that begins at `start`; undefined if not there. */
export function membersOf(bytes: Buffer, start: Place, names: readonly Buffer[]): (Place | undefined)[] {
  const found = names.map((): Place | undefined => undefined);
  let missing = names.length;
  let at = skipBlanks(bytes, start + 1);
  while (missing > 0 && bytes[at] === QUOTE) {
    const end = endOfString(bytes, at);
    const name = placeOfName(names, bytes, at + 1, end - 1);
    at = skipBlanks(bytes, end);
    if (bytes[at] !== COLON) break;
    at = skipBlanks(bytes, at + 1);
    if (name >= 0 && found[name] === undefined) {
      found[name] = at;
      missing--;
    }
    if (missing === 0) break;
    at = skipBlanks(bytes, endOfValue(bytes, at));
    if (bytes[at] !== COMMA) break;
    at = skipBlanks(bytes, at + 1);
  }
  return found;
}

/** Returns the string at a place; undefined if there is no string. */
export function stringAt(bytes: Buffer, place: Place): string | undefined {
  if (bytes[place] !== QUOTE) return undefined;
  const end = endOfString(bytes, place);
  const text = textBetween(bytes, place + 1, end - 1);
  if (text === undefined || !text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined;
  }
}
