// A delete of one key or a range, as etcd's API knows it.

import type { Bytes } from '../bytes/byte-string.js';
import type { KeyRange } from '../mvcc/key-range.js';
import type { KeyValue } from '../mvcc/key-value.js';
import type { WriteTxn } from '../mvcc/write-txn.js';
import { FIELD_WORDS, type RangeOptions, type RequestWords, rangeOf } from './range-options.js';

export interface DeleteOptions extends RangeOptions {
  readonly prevKv?: boolean | undefined;
}

export interface DeleteRequest extends KeyRange {
  readonly type: 'delete';
  /** The response carries the deleted records. */
  readonly prevKv: boolean;
}

export interface DeleteResponse {
  readonly type: 'delete';
  readonly revision: number;
  readonly deleted: number;
  readonly prevKvs: readonly KeyValue[];
}

/** Makes a delete of a key and options as they were written. Throws USAGE. */
export function deleteRequest(key: Bytes, options: DeleteOptions, words: RequestWords = FIELD_WORDS): DeleteRequest {
  return { type: 'delete', ...rangeOf(key, options, words), prevKv: options.prevKv ?? false };
}

export function applyDelete(txn: WriteTxn, { key, end, prevKv }: DeleteRequest): DeleteResponse {
  const prevKvs = prevKv ? txn.range({ key, end }).kvs : [];
  const deleted = txn.deleteRange(key, end);
  return { type: 'delete', revision: txn.revision, deleted, prevKvs };
}
