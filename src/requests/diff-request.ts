// What is to be compared, as people write it: revisions as N or A..B, and a range of keys.

import type { Bytes } from '../bytes/byte-string.js';
import { quoteText } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import type { KeyRange } from '../mvcc/key-range.js';
import { parseNumberFlag } from './option-values.js';
import { type RequestWords, rangeOf } from './range-options.js';

/** The two revisions of `A..B`; undefined where none is written, and 0 for the newest. */
export interface RevSpan {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

const SPAN = /^(.*?)\.\.(.*)$/s;

/** Reads N, A..B, A.. or ..B. Throws USAGE. */
export function parseRevs(text: string, name: string): RevSpan | number {
  const number = (digits: string) => (digits === '' ? undefined : parseNumberFlag(digits, name));
  const [, from, to] = SPAN.exec(text) ?? [];
  if (from !== undefined && to !== undefined) return { from: number(from), to: number(to) };
  if (/^[\d_]/.test(text)) return parseNumberFlag(text, name);
  throw new MvccwError('USAGE', `${name}: ${quoteText(text)} is neither a revision nor two of them`, {
    hint: 'write N, A..B, or A.. for up to the newest',
  });
}

/** Returns the revisions of two backends; undefined is the newest. */
export function revsOfTwo(revs: RevSpan | number | undefined): readonly [number | undefined, number | undefined] {
  if (typeof revs !== 'object') return [newestIfZero(revs), newestIfZero(revs)];
  return [newestIfZero(revs.from), newestIfZero(revs.to)];
}

/** Returns the revisions of one backend, whose oldest readable one is `oldestRev`. Throws USAGE if there are none. */
export function revsOfOne(
  revs: RevSpan | number | undefined,
  oldestRev: number,
): readonly [number | undefined, number | undefined] {
  if (revs === undefined) {
    throw new MvccwError('USAGE', 'there is nothing to compare: one backend, and no revisions', {
      hint: 'name two backends, or two revisions of one: mvccw diff --db DB --rev A..B',
    });
  }
  if (typeof revs === 'number') return [newestIfZero(revs), undefined];
  return [revs.from === undefined ? oldestRev : newestIfZero(revs.from), newestIfZero(revs.to)];
}

const newestIfZero = (rev: number | undefined) => (rev === 0 ? undefined : rev);

export interface DiffRangeOptions {
  readonly prefix?: Bytes | undefined;
  readonly key?: Bytes | undefined;
  readonly keyHex?: boolean | undefined;
}

/** Returns the range of keys; undefined for all. Throws USAGE. */
export function diffRange({ prefix, key, keyHex }: DiffRangeOptions, words: RequestWords): KeyRange | undefined {
  if (prefix !== undefined && key !== undefined) {
    throw new MvccwError('USAGE', '`--prefix` and `--key` cannot be set at the same time, choose one');
  }
  if (keyHex && prefix === undefined && key === undefined) {
    throw new MvccwError('USAGE', '--key-hex says how a key is written, and there is none', {
      hint: 'name a key with --key, or keys with --prefix',
    });
  }
  if (prefix !== undefined) return rangeOf(prefix, { prefix: true, keyHex }, words);
  return key === undefined ? undefined : rangeOf(key, { keyHex }, words);
}
