// The values of options, as text: whole numbers, lease ids, sort orders and targets. Used by the commands and by the
// lines of a transaction, which take the same options.

import { quoteText } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';

/** A whole number from `minimum` on that a JS number holds exactly. Throws USAGE, naming the option. */
export function parseWholeNumber(text: string, name: string, minimum = 0): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number > Number.MAX_SAFE_INTEGER) {
    throw new MvccwError('USAGE', `${name}: ${text} is too large; the largest is ${Number.MAX_SAFE_INTEGER}`);
  }
  if (Number.isNaN(number) || number < minimum) {
    throw new MvccwError('USAGE', `${name}: ${quoteText(text)} is not a whole number from ${minimum} on`);
  }
  return number;
}

const MAX_LEASE_ID = 2n ** 63n - 1n;

/** A lease id in hexadecimal, as etcd's tools write it. Throws USAGE. */
export function parseLeaseId(text: string): bigint {
  const id = /^[0-9a-f]+$/i.test(text) ? BigInt(`0x${text}`) : -1n;
  if (id < 0n || id > MAX_LEASE_ID) {
    throw new MvccwError('USAGE', `bad lease ID ${quoteText(text)}, expecting ID in Hex`, {
      hint: `lease IDs look like 694d77aa9e38260f, and go up to ${MAX_LEASE_ID.toString(16)}`,
    });
  }
  return id;
}

export const SORT_ORDERS = ['ASCEND', 'DESCEND'] as const;
export type SortOrder = (typeof SORT_ORDERS)[number];

export const SORT_TARGETS = ['CREATE', 'KEY', 'MODIFY', 'VALUE', 'VERSION'] as const;
export type SortTarget = (typeof SORT_TARGETS)[number];

/** In upper or lower case. Throws USAGE. */
export function parseSortOrder(text: string): SortOrder {
  return oneOf(SORT_ORDERS, text, 'bad sort order');
}

/** In upper or lower case. Throws USAGE. */
export function parseSortTarget(text: string): SortTarget {
  return oneOf(SORT_TARGETS, text, 'bad sort target');
}

function oneOf<Word extends string>(words: readonly Word[], text: string, problem: string): Word {
  const word = words.find((candidate) => candidate === text.toUpperCase());
  if (word !== undefined) return word;
  throw new MvccwError('USAGE', `${problem} ${quoteText(text)}`, { hint: `choose one of ${words.join(', ')}` });
}
