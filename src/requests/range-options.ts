// People name a range of keys by its end, by a prefix, or as all keys from one on.

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
  /** The key and the end are written in hexadecimal. */
  readonly keyHex?: boolean | undefined;
}

/** The words for what is wrong with a request. They differ with the way in which requests are written. */
export interface RequestWords {
  readonly prefixAndFromKey: string;
  readonly endBeside: string;
  readonly noKey: string;
  readonly keysAndCount: string;
  readonly valueBeside: string;
  readonly leaseAndIgnoreLease: string;
  /** The form of a range. */
  readonly form: string;
  /** The option that says that a key is hexadecimal. */
  readonly keyHex: string;
  readonly valueHex: string;
}

/** The words for requests whose parts are fields, as in `--watch` and in a scenario. */
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

/** Returns the range that a key and its options name. Throws USAGE when options exclude each other or the key is empty. */
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

/** Reads hexadecimal, which `option` asks for. Throws USAGE. */
export function bytesOfHex(text: string, option: string): Bytes {
  const bytes = fromHex(text);
  if (bytes !== undefined) return bytes;
  throw usage(`${option}: ${quoteText(text)} is not hexadecimal`, {
    hint: 'two digits are a byte: 62ff, \\x62\\xff, or with blanks between bytes',
  });
}

/** Returns the range of a watch, as rangeOf does. Throws USAGE also when the range can hold no key. */
export function watchRangeOf(key: Bytes, options: RangeOptions, words: RequestWords = FIELD_WORDS): KeyRange {
  return notEmpty(rangeOf(key, options, words), 'watch range', words);
}

/** Returns the range; `what` names it in messages. Throws USAGE when it can hold no key. */
export function notEmpty(range: KeyRange, what: string, words: RequestWords): KeyRange {
  if (!isEmpty(intervalOf(range))) return range;
  throw usage(`the ${what} is empty: its end is not above its key`, {
    hint: `a range is ${words.form}; leave the end out for one key`,
  });
}

export function usage(message: string, options: MvccwErrorOptions = {}): MvccwError {
  return new MvccwError('USAGE', message, options);
}
