// The ranges of keys in requests: one key, [key, end), a prefix, or all keys from one on.

import { type Interval, point } from '../adt/interval.js';

export interface KeyRange {
  readonly key: string;
  /** The end of [key, end). Without it the range is the one key; '' is no end. */
  readonly end?: string | undefined;
}

/** The lowest key that etcd takes; the empty key is not allowed. */
export const LOWEST_KEY = '\0';

/** The range of all keys. */
export const WHOLE_KEY_SPACE: KeyRange = { key: LOWEST_KEY, end: '' };

/** Returns the end of the range of all keys that begin with `prefix`; '' (no end) if no key is above them. */
export function prefixEnd(prefix: string): string {
  let length = prefix.length;
  while (length > 0 && prefix.charCodeAt(length - 1) === 0xff) length--;
  if (length === 0) return '';
  return prefix.slice(0, length - 1) + String.fromCharCode(prefix.charCodeAt(length - 1) + 1);
}

/** The end that etcd's API uses for a range without an end. */
const API_NO_END = '\0';

/** Converts the end of a range of etcd's API, where an empty end means one key, and a zero byte means no end. */
export function fromApiEnd(end: string): string | undefined {
  return end === '' ? undefined : end === API_NO_END ? '' : end;
}

/** Converts an end to that of etcd's API; an absent end stays absent. */
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
