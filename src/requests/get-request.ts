// A read of one key or a range, as etcd's API knows it: filtered, sorted and cut to a limit. Follows executeRange in
// etcd's txn.go.

import type { Bytes } from '../bytes/byte-string.js';
import type { KeyRange } from '../mvcc/key-range.js';
import type { KeyValue } from '../mvcc/key-value.js';
import type { RangeRequest, RangeResult } from '../mvcc/range.js';
import type { SortOrder, SortTarget } from './option-values.js';
import { FIELD_WORDS, type RangeOptions, type RequestWords, rangeOf, usage } from './range-options.js';

export interface GetOptions extends RangeOptions {
  readonly rev?: number | undefined;
  readonly limit?: number | undefined;
  readonly order?: SortOrder | undefined;
  readonly sortBy?: SortTarget | undefined;
  readonly keysOnly?: boolean | undefined;
  readonly countOnly?: boolean | undefined;
  readonly printValueOnly?: boolean | undefined;
  readonly minModRev?: number | undefined;
  readonly maxModRev?: number | undefined;
  readonly minCreateRev?: number | undefined;
  readonly maxCreateRev?: number | undefined;
}

export interface GetRequest extends KeyRange, Omit<GetOptions, keyof RangeOptions> {
  readonly type: 'get';
}

export interface GetResponse {
  readonly type: 'get';
  /** The revision of the store, whatever revision was read. */
  readonly revision: number;
  readonly kvs: readonly KeyValue[];
  /** The limit has cut records off. */
  readonly more: boolean;
  /** The number of keys in the range, whatever limit and filters leave of them. */
  readonly count: number;
  /** What the request asks for: whole records, only their keys, only their values, or only the count. */
  readonly shows: 'records' | 'keys' | 'values' | 'count';
}

/** A get reads from a store, or from a transaction under way. */
export interface RangeReader {
  range(request: RangeRequest): RangeResult;
}

const EMPTY = Buffer.alloc(0);

/** Makes a get of a key and options as they were written. Throws USAGE. */
export function getRequest(key: Bytes, options: GetOptions, words: RequestWords = FIELD_WORDS): GetRequest {
  const { end, prefix, fromKey, keyHex, ...rest } = options;
  if (rest.keysOnly && rest.countOnly) throw usage(words.keysAndCount);
  return { type: 'get', ...rangeOf(key, { end, prefix, fromKey, keyHex }, words), ...rest };
}

/**
 * Differs from etcd: with a sort target and no order, etcd sorts only what the limit has let through; here the limit
 * always cuts what has been sorted.
 */
export function applyGet(reader: RangeReader, request: GetRequest): GetResponse {
  const { key, end, rev, limit = 0, countOnly = false, keysOnly = false, printValueOnly = false } = request;
  const compare = comparison(request);
  const keep = filter(request);
  const readsAll = compare !== undefined || keep !== undefined;
  const withoutValues = keysOnly && request.sortBy !== 'VALUE';
  const range = reader.range({ key, end, rev, limit: readsAll ? 0 : limit, countOnly, withoutValues });
  let kvs = keep === undefined ? range.kvs : range.kvs.filter(keep);
  if (compare !== undefined) kvs.sort(compare);
  const matching = readsAll ? kvs.length : countOnly ? 0 : range.count;
  const more = limit > 0 && matching > limit;
  if (more) kvs = kvs.slice(0, limit);
  // A single key comes with its value, whatever is asked for.
  if (keysOnly && (!withoutValues || end === undefined)) kvs = kvs.map((kv) => ({ ...kv, value: EMPTY }));
  const shows = countOnly ? 'count' : printValueOnly ? 'values' : keysOnly ? 'keys' : 'records';
  return { type: 'get', revision: range.revision, kvs, more, count: range.count, shows };
}

type Comparator = (a: KeyValue, b: KeyValue) => number;

const BY_TARGET: Readonly<Record<SortTarget, Comparator>> = {
  KEY: (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  CREATE: (a, b) => a.createRevision - b.createRevision,
  MODIFY: (a, b) => a.modRevision - b.modRevision,
  VALUE: (a, b) => a.value.compare(b.value),
  VERSION: (a, b) => a.version - b.version,
};

/** Returns undefined for the order in which records are read: by key, ascending. */
function comparison({ order = 'ASCEND', sortBy = 'KEY' }: GetRequest): Comparator | undefined {
  const ascending = BY_TARGET[sortBy];
  if (order === 'DESCEND') return (a, b) => ascending(b, a);
  return sortBy === 'KEY' ? undefined : ascending;
}

/** Returns undefined when nothing is left out. A bound of 0 is no bound, as in etcd. */
function filter(request: GetRequest): ((kv: KeyValue) => boolean) | undefined {
  const { minModRev = 0, maxModRev = 0, minCreateRev = 0, maxCreateRev = 0 } = request;
  if (minModRev === 0 && maxModRev === 0 && minCreateRev === 0 && maxCreateRev === 0) return undefined;
  return ({ modRevision, createRevision }) =>
    modRevision >= minModRev &&
    (maxModRev === 0 || modRevision <= maxModRev) &&
    createRevision >= minCreateRev &&
    (maxCreateRev === 0 || createRevision <= maxCreateRev);
}
