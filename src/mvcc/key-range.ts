// The ranges of keys that commands speak of: one key, [key, end), a prefix, or from a key on.

import { type Interval, point } from '../adt/interval.js';

export interface KeyRange {
  readonly key: string;
  /** Absent: the one key; '': from key on; else [key, end). */
  readonly end?: string | undefined;
}

/** The lowest key that etcd takes: the empty one is none. */
export const LOWEST_KEY = '\0';

/** All keys. */
export const WHOLE_KEY_SPACE: KeyRange = { key: LOWEST_KEY, end: '' };

/** The range end of all keys that begin with `prefix`; '' (no end) when nothing lies above them. */
export function prefixEnd(prefix: string): string {
  let length = prefix.length;
  while (length > 0 && prefix.charCodeAt(length - 1) === 0xff) length--;
  if (length === 0) return '';
  return prefix.slice(0, length - 1) + String.fromCharCode(prefix.charCodeAt(length - 1) + 1);
}

/** What etcd's API has for the end of a range without one. */
const API_NO_END = '\0';

/** The end of a range from one of etcd's API, where an empty end is none, and a zero byte means "from key on". */
export function fromApiEnd(end: string): string | undefined {
  return end === '' ? undefined : end === API_NO_END ? '' : end;
}

/** The other way; an end that is absent is so there too. */
export function toApiEnd(end: string): string {
  return end === '' ? API_NO_END : end;
}

export function intervalOf({ key, end }: KeyRange): Interval {
  return end === undefined ? point(key) : { begin: key, end };
}

export function holdsKey({ key, end }: KeyRange, candidate: string): boolean {
  if (end === undefined) return candidate === key;
  return candidate >= key && (end === '' || candidate < end);
}
