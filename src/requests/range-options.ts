// The ways to name a range of keys: an end, a prefix, or from a key on.

import { isEmpty } from '../adt/interval.js';
import type { Bytes } from '../bytes/byte-string.js';
import { fromHex } from '../bytes/hex.js';
import { quoteText } from '../bytes/key-text.js';
import { MvccwError, type MvccwErrorOptions } from '../errors.js';
import { fromApiEnd, intervalOf, type KeyRange, LOWEST_KEY, prefixEnd, WHOLE_KEY_SPACE } from '../mvcc/key-range.js';

export interface RangeOptions {
  readonly end?: Bytes | undefined;
  readonly prefix?: boolean | undefined;
  readonly fromKey?: boolean | undefined;
  /** Key and end are written in hexadecimal. */
  readonly keyHex?: boolean | undefined;
}

/** The words in which a request that makes no sense is told, for each way in which requests are written. */
export interface RequestWords {
  readonly prefixAndFromKey: string;
  readonly endBeside: string;
  readonly noKey: string;
  readonly keysAndCount: string;
  readonly valueBeside: string;
  readonly leaseAndIgnoreLease: string;
  /** What a range looks like. */
  readonly form: string;
  /** The option by which a key or a value is hexadecimal. */
  readonly keyHex: string;
  readonly valueHex: string;
}

/** For requests whose parts are fields, as in `--watch` and in a scenario. */
export const FIELD_WORDS: RequestWords = {
  prefixAndFromKey: '`prefix` and `fromKey` exclude each other, choose one',
  endBeside: '`end` has no place beside `prefix` or `fromKey`',
  noKey: '`key` is empty, which only `prefix` and `fromKey` allow',
  keysAndCount: '`keysOnly` and `countOnly` exclude each other, choose one',
  valueBeside: 'a value has no place beside `ignoreValue`',
  leaseAndIgnoreLease: '`lease` and `ignoreLease` exclude each other, choose one',
  form: '[key, end)',
  keyHex: '`keyHex`',
  valueHex: '`valueHex`',
};

/** What a key and its options mean. Throws USAGE when they exclude each other or no key is given. */
export function rangeOf(key: Bytes, options: RangeOptions, words: RequestWords = FIELD_WORDS): KeyRange {
  const { end, prefix = false, fromKey = false, keyHex = false } = options;
  if (prefix && fromKey) throw usage(words.prefixAndFromKey);
  if ((prefix || fromKey) && end !== undefined) throw usage(words.endBeside);
  const bytes = (text: Bytes) => (keyHex ? bytesOfHex(text, words.keyHex) : text);
  const first = bytes(key);
  if (prefix) return first === '' ? WHOLE_KEY_SPACE : { key: first, end: prefixEnd(first) };
  if (fromKey) return { key: first === '' ? LOWEST_KEY : first, end: '' };
  if (first === '') throw usage(words.noKey);
  return { key: first, end: end === undefined ? undefined : fromApiEnd(bytes(end)) };
}

/** Reads hexadecimal. Throws USAGE; `option` is what asks for it. */
export function bytesOfHex(text: string, option: string): Bytes {
  const bytes = fromHex(text);
  if (bytes !== undefined) return bytes;
  throw usage(`${option}: ${quoteText(text)} is not hexadecimal`, {
    hint: 'two digits are a byte: 62ff, \\x62\\xff, or with blanks between bytes',
  });
}

/** What rangeOf gives, for a watch. Throws USAGE also when the range can hold no key. */
export function watchRangeOf(key: Bytes, options: RangeOptions, words: RequestWords = FIELD_WORDS): KeyRange {
  return notEmpty(rangeOf(key, options, words), 'watch range', words);
}

/** The range, `what` it is in words. Throws USAGE when it can hold no key. */
export function notEmpty(range: KeyRange, what: string, words: RequestWords): KeyRange {
  if (!isEmpty(intervalOf(range))) return range;
  throw usage(`the ${what} is empty: its end is not above its key`, {
    hint: `a range is ${words.form}; leave the end out for one key`,
  });
}

export function usage(message: string, options: MvccwErrorOptions = {}): MvccwError {
  return new MvccwError('USAGE', message, options);
}
