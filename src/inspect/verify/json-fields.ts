// Reads fields of JSON that other programs have written: a field may be missing, and a number may stand in quotes.

import { type Bytes, bytesOf } from '../../bytes/byte-string.js';
import { MvccwError } from '../../errors.js';

export type JsonObject = Readonly<Record<string, unknown>>;

export function badStream(problem: string): MvccwError {
  return new MvccwError('CORRUPT', problem, { hint: 'see `mvccw verify --help` for the forms of a recorded stream' });
}

/**
 * JSON.parse rounds integers above 2^53, as ids of leases are; they are put in quotes before. A quote within a string of
 * JSON has a backslash before it, so that only names are found.
 */
const LARGE_LEASE = /("lease"\s*:\s*)(-?\d{16,})/g;

/** Parses an object of JSON. Throws CORRUPT. */
export function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text.includes('"lease"') ? text.replace(LARGE_LEASE, '$1"$2"') : text);
  } catch {
    throw badStream('no JSON');
  }
  return objectOf(value, 'it');
}

export function objectOf(value: unknown, name: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw badStream(`${name} is no object`);
}

/** Returns a list of objects; an empty one for what is missing. */
export function objectsIn(object: JsonObject, name: string): readonly JsonObject[] {
  const value = object[name] ?? [];
  if (!Array.isArray(value)) throw badStream(`${name} is no list`);
  return value.map((item) => objectOf(item, `an item of ${name}`));
}

/** Returns a whole number; 0 for one that is missing. */
export function numberIn(object: JsonObject, name: string): number {
  const value = object[name] ?? 0;
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  if (Number.isSafeInteger(number)) return number as number;
  throw badStream(`${name} is no whole number`);
}

/** Returns a 64-bit integer; 0 for one that is missing. */
export function int64In(object: JsonObject, name: string): bigint {
  const value = object[name] ?? 0;
  if (Number.isSafeInteger(value)) return BigInt(value as number);
  if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) return BigInt(value);
  throw badStream(`${name} is no 64-bit integer`);
}

/** Returns true or false; false for what is missing. */
export function flagIn(object: JsonObject, name: string): boolean {
  const value = object[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw badStream(`${name} is neither true nor false`);
}

/** Returns text; '' for what is missing. */
export function textIn(object: JsonObject, name: string): string {
  const value = object[name] ?? '';
  if (typeof value === 'string') return value;
  throw badStream(`${name} is no text`);
}

/** Returns the bytes of base64; none for what is missing. */
export function bytesIn(object: JsonObject, name: string): Buffer {
  const text = textIn(object, name);
  const bytes = Buffer.from(text, 'base64');
  // Base64 with other characters in it has another length.
  if (text.length % 4 === 0 && bytes.length === (text.length * 3) / 4 - padding(text)) return bytes;
  throw badStream(`${name} is no base64`);
}

const padding = (text: string): number => (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);

export function byteStringIn(object: JsonObject, name: string): Bytes {
  return bytesOf(bytesIn(object, name));
}
