// Makes JSON as etcd's tools print it: compact, bytes in base64, 64-bit integers as digits.

import { jsonText } from '../../bytes/unsafe-characters.js';

/** Text that is JSON already. */
export class JsonText {
  constructor(readonly json: string) {}
}

/** Returns what JSON.stringify makes of a value, but a bigint becomes its digits, and a Buffer its base64. */
export function toJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  // JSON.stringify takes twice the time.
  if (Number.isSafeInteger(value)) return String(value);
  if (typeof value === 'string') return jsonText(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Buffer.isBuffer(value)) return `"${value.toString('base64')}"`;
  if (value instanceof JsonText) return value.json;
  if (Array.isArray(value)) return `[${value.map((item) => toJson(item ?? null)).join(',')}]`;
  // The string grows in place. Joining a list of fields takes twice the time, and replays print little else.
  let fields = '';
  for (const name in value) {
    const field = (value as Record<string, unknown>)[name];
    if (field !== undefined) fields += `${fields === '' ? '' : ','}${quotedName(name)}:${toJson(field)}`;
  }
  return `{${fields}}`;
}

const quotedNames = new Map<string, string>();

/** Returns the quoted name, which is kept: there are few names. */
function quotedName(name: string): string {
  let quoted = quotedNames.get(name);
  if (quoted === undefined) {
    quoted = jsonText(name);
    quotedNames.set(name, quoted);
  }
  return quoted;
}
