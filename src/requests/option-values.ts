// Reads the values of options from text: whole numbers, lease ids, sort orders and sort targets.

import { quoteText } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';

/** Reads a whole number from `minimum` on that a JS number holds exactly. Throws USAGE, naming the option. */
export function parseWholeNumber(text: string, name: string, minimum = 0): number {
  if (!/^\d+$/.test(text)) throw notWhole(text, name, minimum);
  return checkNumber(Number(text), text, name, minimum);
}

const GO_INTEGER = /^\+?(0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?\d)*)$/;

/**
 * Reads a whole number as Go's flags take it: 100, 0x64, 0b1100100, 0o144 or 0144, and 1_000. Throws USAGE, naming the
 * option.
 */
export function parseNumberFlag(text: string, name: string, minimum = 0): number {
  const digits = GO_INTEGER.exec(text)?.[1]?.replaceAll('_', '');
  if (digits === undefined) throw notWhole(text, name, minimum);
  return checkNumber(Number(digits.replace(/^0(?=\d)/, '0o')), text, name, minimum);
}

function checkNumber(number: number, text: string, name: string, minimum: number): number {
  if (number > Number.MAX_SAFE_INTEGER) {
    throw new MvccwError('USAGE', `${name}: ${text} is too large; the largest is ${Number.MAX_SAFE_INTEGER}`);
  }
  if (number < minimum) throw notWhole(text, name, minimum);
  return number;
}

function notWhole(text: string, name: string, minimum: number): MvccwError {
  return new MvccwError('USAGE', `${name}: ${quoteText(text)} is not a whole number from ${minimum} on`);
}

const MAX_LEASE_ID = 2n ** 63n - 1n;

/** Reads a lease id in hexadecimal, as etcd's tools write it. Throws USAGE. */
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

/** Reads a sort order, in upper or lower case. Throws USAGE. */
export function parseSortOrder(text: string): SortOrder {
  return oneOf(SORT_ORDERS, text, 'bad sort order');
}

/** Reads a sort target, in upper or lower case. Throws USAGE. */
export function parseSortTarget(text: string): SortTarget {
  return oneOf(SORT_TARGETS, text, 'bad sort target');
}

/** Reads one of the words, in upper or lower case. Throws USAGE with a message that begins with `problem`. */
export function oneOf<Word extends string>(words: readonly Word[], text: string, problem: string): Word {
  const word = words.find((candidate) => candidate.toUpperCase() === text.toUpperCase());
  if (word !== undefined) return word;
  throw new MvccwError('USAGE', `${problem} ${quoteText(text)}`, { hint: `choose one of ${words.join(', ')}` });
}
