// The ranges of keys that commands speak of: one key, [key, end), a prefix, or from a key on.

import { type Interval, isEmpty, point } from '../adt/interval.js';
import { MvccwError, type MvccwErrorOptions } from '../errors.js';

export interface NamedRange {
  readonly key: string;
  /** Absent: the one key; '': from key on; else [key, end). */
  readonly end?: string | undefined;
}

export interface RangeOptions {
  readonly end?: string | undefined;
  readonly prefix?: boolean | undefined;
  readonly fromKey?: boolean | undefined;
}

/** The lowest key that etcd takes: the empty one is none. */
const LOWEST_KEY = '\0';

/** All keys. */
export const WHOLE_KEY_SPACE: NamedRange = { key: LOWEST_KEY, end: '' };

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

export function intervalOf({ key, end }: NamedRange): Interval {
  return end === undefined ? point(key) : { begin: key, end };
}

export function holdsKey({ key, end }: NamedRange, candidate: string): boolean {
  if (end === undefined) return candidate === key;
  return candidate >= key && (end === '' || candidate < end);
}

/** How what is wrong with a range is told where ranges are written in one way. */
export interface RangeWords {
  readonly prefixAndFromKey: string;
  readonly endBeside: string;
  readonly noKey: string;
  /** What a range looks like. */
  readonly form: string;
}

/** As etcdctl tells them of its arguments. */
const ETCDCTL_WORDS: RangeWords = {
  prefixAndFromKey: '`--prefix` and `--from-key` cannot be set at the same time, choose one',
  endBeside: 'too many arguments, only accept one argument when `--prefix` or `--from-key` is set',
  noKey: 'key is not provided',
  form: '[KEY, RANGE_END)',
};

/** Of a range whose parts are fields, in `--watch` and in a scenario. */
export const FIELD_WORDS: RangeWords = {
  prefixAndFromKey: '`prefix` and `fromKey` exclude each other, choose one',
  endBeside: '`end` has no place beside `prefix` or `fromKey`',
  noKey: '`key` is empty, which only `prefix` and `fromKey` allow',
  form: '[key, end)',
};

/** What a key and its options mean. Throws USAGE when they exclude each other or no key is given. */
export function rangeOf(
  key: string,
  { end, prefix = false, fromKey = false }: RangeOptions,
  words: RangeWords = ETCDCTL_WORDS,
): NamedRange {
  if (prefix && fromKey) throw usage(words.prefixAndFromKey);
  if ((prefix || fromKey) && end !== undefined) throw usage(words.endBeside);
  if (prefix) return key === '' ? WHOLE_KEY_SPACE : { key, end: prefixEnd(key) };
  if (fromKey) return { key: key === '' ? LOWEST_KEY : key, end: '' };
  if (key === '') throw usage(words.noKey);
  return { key, end: end === undefined ? undefined : fromApiEnd(end) };
}

/** What rangeOf gives, for a watch. Throws USAGE also when the range can hold no key. */
export function watchRangeOf(key: string, options: RangeOptions, words: RangeWords = ETCDCTL_WORDS): NamedRange {
  return notEmpty(rangeOf(key, options, words), 'watch range', words);
}

/** The range, `what` it is in words. Throws USAGE when it can hold no key. */
export function notEmpty(range: NamedRange, what: string, words: RangeWords): NamedRange {
  if (!isEmpty(intervalOf(range))) return range;
  throw usage(`the ${what} is empty: its end is not above its key`, {
    hint: `a range is ${words.form}; leave the end out for one key`,
  });
}

function usage(message: string, options: MvccwErrorOptions = {}): MvccwError {
  return new MvccwError('USAGE', message, options);
}
