// One request of a transaction as a line of text: put, get or del with the options of those commands.

import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import { type DeleteOptions, deleteRequest } from './delete-request.js';
import { type GetOptions, getRequest } from './get-request.js';
import { parseLeaseId, parseSortOrder, parseSortTarget, parseWholeNumber } from './option-values.js';
import { type PutOptions, putRequest } from './put-request.js';
import type { TxnOp } from './txn-request.js';
import { flag, type Parsers, readOptions } from './word-options.js';
import { splitWords } from './words.js';

const RANGE: Parsers<{ prefix: boolean; fromKey: boolean }> = { prefix: flag, fromKey: flag };

const PUT: Parsers<PutOptions> = {
  lease: parseLeaseId,
  prevKv: flag,
  ignoreValue: flag,
  ignoreLease: flag,
};

/** A read is always both linearizable and serializable. */
function parseConsistency(text: string, name: string): string {
  if (text === 'l' || text === 's') return text;
  throw new MvccwError('USAGE', `${name}: ${quoteKey(text)} is neither l nor s`);
}

const GET: Parsers<Omit<GetOptions, 'end'> & { readonly consistency: string }> = {
  ...RANGE,
  rev: parseWholeNumber,
  limit: parseWholeNumber,
  order: parseSortOrder,
  sortBy: parseSortTarget,
  keysOnly: flag,
  countOnly: flag,
  printValueOnly: flag,
  consistency: parseConsistency,
  minModRev: parseWholeNumber,
  maxModRev: parseWholeNumber,
  minCreateRev: parseWholeNumber,
  maxCreateRev: parseWholeNumber,
};

/** --range asks for nothing, as in the command. */
const DELETE: Parsers<Omit<DeleteOptions, 'end'> & { readonly range: boolean }> = {
  ...RANGE,
  prevKv: flag,
  range: flag,
};

function wrongCount(usage: string): MvccwError {
  return new MvccwError('USAGE', `a request has the form: ${usage}`, {
    hint: 'quote what has blanks in it, or is empty',
  });
}

function parsePut(words: readonly string[]): TxnOp {
  const { positional, options } = readOptions(words, PUT);
  const [key, value] = positional;
  const values = (options as PutOptions).ignoreValue ? 0 : 1;
  if (key === undefined || positional.length !== 1 + values) {
    throw wrongCount(values === 0 ? 'put KEY --ignore-value' : 'put KEY VALUE');
  }
  return putRequest(key, value === undefined ? undefined : Buffer.from(value, 'latin1'), options);
}

function parseRange(words: readonly string[], name: 'get' | 'del'): TxnOp {
  const { positional, options } = readOptions(words, name === 'get' ? GET : DELETE);
  const [key, end] = positional;
  if (key === undefined || positional.length > 2) throw wrongCount(`${name} KEY [RANGE_END]`);
  return name === 'get' ? getRequest(key, { ...options, end }) : deleteRequest(key, { ...options, end });
}

/** Takes a byte string. Throws USAGE. */
export function parseRequestLine(line: string): TxnOp {
  const [name, ...words] = splitWords(line);
  if (name === 'put') return parsePut(words);
  if (name === 'get' || name === 'del') return parseRange(words, name);
  throw new MvccwError('USAGE', `a request is a put, get or del, not ${quoteKey(name ?? '')}`);
}
