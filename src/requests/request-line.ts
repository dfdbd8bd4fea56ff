// A line of text holds one request of a transaction: put, get or del, with the options of those commands.

import type { Bytes } from '../bytes/byte-string.js';
import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import { deleteRequest } from './delete-request.js';
import { ETCDCTL_WORDS } from './etcdctl-words.js';
import { getRequest } from './get-request.js';
import { type PutOptions, putRequest } from './put-request.js';
import { DELETE_OPTIONS, GET_OPTIONS, PUT_OPTIONS } from './request-options.js';
import type { TxnOp } from './txn-request.js';
import { readOptions } from './word-options.js';
import { splitWords } from './words.js';

function wrongCount(usage: string): MvccwError {
  return new MvccwError('USAGE', `a request has the form: ${usage}`, {
    hint: 'quote what has blanks in it, or is empty',
  });
}

function parsePut(words: readonly Bytes[]): TxnOp {
  const { positional, options } = readOptions(words, PUT_OPTIONS);
  const [key, value] = positional;
  const values = (options as PutOptions).ignoreValue ? 0 : 1;
  if (key === undefined || positional.length !== 1 + values) {
    throw wrongCount(values === 0 ? 'put KEY --ignore-value' : 'put KEY VALUE');
  }
  return putRequest(key, value === undefined ? undefined : Buffer.from(value, 'latin1'), options, ETCDCTL_WORDS);
}

function parseRange(words: readonly Bytes[], name: 'get' | 'del'): TxnOp {
  const { positional, options } = readOptions(words, name === 'get' ? GET_OPTIONS : DELETE_OPTIONS);
  const [key, end] = positional;
  if (key === undefined || positional.length > 2) throw wrongCount(`${name} KEY [RANGE_END]`);
  const request = name === 'get' ? getRequest : deleteRequest;
  return request(key, { ...options, end }, ETCDCTL_WORDS);
}

/** Reads a line. Throws USAGE. */
export function parseRequestLine(line: Bytes): TxnOp {
  const [first, ...words] = splitWords(line);
  const name: string | undefined = first;
  if (name === 'put') return parsePut(words);
  if (name === 'get' || name === 'del') return parseRange(words, name);
  throw new MvccwError('USAGE', `a request is a put, get or del, not ${quoteKey(name ?? '')}`);
}
