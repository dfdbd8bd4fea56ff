// The ways to name a range of keys: an end, a prefix, or from a key on.

import { isEmpty } from '../adt/interval.js';
import { MvccwError, type MvccwErrorOptions } from '../errors.js';
import { fromApiEnd, intervalOf, type KeyRange, LOWEST_KEY, prefixEnd, WHOLE_KEY_SPACE } from '../mvcc/key-range.js';

export interface RangeOptions {
  readonly end?: string | undefined;
  readonly prefix?: boolean | undefined;
  readonly fromKey?: boolean | undefined;
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
export const ETCDCTL_WORDS: RangeWords = {
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
): KeyRange {
  if (prefix && fromKey) throw usage(words.prefixAndFromKey);
  if ((prefix || fromKey) && end !== undefined) throw usage(words.endBeside);
  if (prefix) return key === '' ? WHOLE_KEY_SPACE : { key, end: prefixEnd(key) };
  if (fromKey) return { key: key === '' ? LOWEST_KEY : key, end: '' };
  if (key === '') throw usage(words.noKey);
  return { key, end: end === undefined ? undefined : fromApiEnd(end) };
}

/** What rangeOf gives, for a watch. Throws USAGE also when the range can hold no key. */
export function watchRangeOf(key: string, options: RangeOptions, words: RangeWords = ETCDCTL_WORDS): KeyRange {
  return notEmpty(rangeOf(key, options, words), 'watch range', words);
}

/** The range, `what` it is in words. Throws USAGE when it can hold no key. */
export function notEmpty(range: KeyRange, what: string, words: RangeWords): KeyRange {
  if (!isEmpty(intervalOf(range))) return range;
  throw usage(`the ${what} is empty: its end is not above its key`, {
    hint: `a range is ${words.form}; leave the end out for one key`,
  });
}

export function usage(message: string, options: MvccwErrorOptions = {}): MvccwError {
  return new MvccwError('USAGE', message, options);
}
