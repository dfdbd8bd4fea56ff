// Text of a scenario in which {i} stands for the number of a repetition.

import { type Bytes, utf8 } from '../../bytes/byte-string.js';
import { bytesOfHex, FIELD_WORDS, type RangeOptions } from '../../requests/range-options.js';
import type { RangeText } from './scenario-text.js';

const NUMBER = '{i}';

/** Returns the text with {i} replaced by the number; the text as it is when it is not in a part that repeats. */
export const numbered = (text: string, i: number | undefined): string =>
  i === undefined ? text : text.replaceAll(NUMBER, String(i));

export const isNumbered = (text: string): boolean => text.includes(NUMBER);

/** Returns the bytes of the i-th; {i} stands for its digits in hexadecimal too. Throws USAGE, naming the field `hex`. */
export function numberedBytes(text: string, i: number | undefined, hex: 'keyHex' | 'valueHex', isHex = false): Bytes {
  if (!isHex) return utf8(numbered(text, i));
  return text
    .split(i === undefined ? /(?!)/ : NUMBER)
    .map((piece) => bytesOfHex(piece, FIELD_WORDS[hex]))
    .join(String(i)) as Bytes;
}

export interface RangeBytes extends RangeOptions {
  readonly key: Bytes;
  readonly end: Bytes | undefined;
}

/** The i-th of a range, with key and end as byte strings. */
export function rangeBytes({ key, end, keyHex, prefix, fromKey }: RangeText, i: number | undefined): RangeBytes {
  const bytes = (text: string) => numberedBytes(text, i, 'keyHex', keyHex);
  return { key: bytes(key), end: end === undefined ? undefined : bytes(end), prefix, fromKey };
}
