// A put, as etcd's API knows it. The key may keep its current value or its current lease.

import { type Bytes, bytesOf } from '../bytes/byte-string.js';
import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import type { KeyValue } from '../mvcc/key-value.js';
import type { WriteTxn } from '../mvcc/write-txn.js';
import { bytesOfHex, FIELD_WORDS, type RequestWords, usage } from './range-options.js';

/** The most bytes that a key and its value may have together: every output format can print as many, each as an escape. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;

export interface PutOptions {
  readonly lease?: bigint | undefined;
  readonly prevKv?: boolean | undefined;
  readonly ignoreValue?: boolean | undefined;
  readonly ignoreLease?: boolean | undefined;
  /** The key is written in hexadecimal. */
  readonly keyHex?: boolean | undefined;
  /** The value is written in hexadecimal. */
  readonly valueHex?: boolean | undefined;
}

export interface PutRequest {
  readonly type: 'put';
  readonly key: string;
  /** 'current' keeps the value that the key has. */
  readonly value: Buffer | 'current';
  /** 'current' keeps the lease that the key has; 0 is no lease. */
  readonly lease: bigint | 'current';
  /** The response carries the previous record. */
  readonly prevKv: boolean;
}

export interface PutResponse {
  readonly type: 'put';
  readonly revision: number;
  readonly prevKv: KeyValue | undefined;
}

/**
 * Makes a put of a key and a value as they were written. `value` is undefined when the key keeps its current value. Throws
 * USAGE when options and value exclude each other.
 */
export function putRequest(
  key: Bytes,
  value: Buffer | undefined,
  options: PutOptions,
  words: RequestWords = FIELD_WORDS,
): PutRequest {
  const { lease, prevKv = false, ignoreValue = false, ignoreLease = false, keyHex, valueHex } = options;
  const keyBytes = keyHex ? bytesOfHex(key, words.keyHex) : key;
  const valueBytes = valueHex && value !== undefined ? unhex(value, words) : value;
  if (keyBytes === '') throw usage('key is not provided', { hint: 'the empty key is none' });
  if (keyBytes.length + (valueBytes?.length ?? 0) > MAX_RECORD_BYTES) {
    throw usage('key and value have more than 16 MiB together', {
      hint: `a record may have ${MAX_RECORD_BYTES} bytes; a server of etcd takes a tenth of that`,
    });
  }
  if (ignoreValue && value !== undefined) throw usage(words.valueBeside);
  if (ignoreLease && lease !== undefined && lease !== 0n) throw usage(words.leaseAndIgnoreLease);
  return {
    type: 'put',
    key: keyBytes,
    value: ignoreValue ? 'current' : (valueBytes ?? Buffer.alloc(0)),
    lease: ignoreLease ? 'current' : (lease ?? 0n),
    prevKv,
  };
}

function unhex(value: Buffer, { valueHex }: RequestWords): Buffer {
  return Buffer.from(bytesOfHex(bytesOf(value), valueHex), 'latin1');
}

/** Runs a put. Throws KEY_NOT_FOUND when an absent key shall keep its value or lease, and LEASE_NOT_FOUND. */
export function applyPut(txn: WriteTxn, { key, value, lease, prevKv }: PutRequest): PutResponse {
  const keeps = value === 'current' || lease === 'current';
  const before = keeps || prevKv ? txn.range({ key }).kvs[0] : undefined;
  if (keeps && before === undefined) {
    throw new MvccwError('KEY_NOT_FOUND', `key not found: ${quoteKey(key)}`, {
      hint: 'only a key that is there has a value or a lease to keep',
    });
  }
  txn.put(key, value === 'current' ? before!.value : value, lease === 'current' ? before!.lease : lease);
  return { type: 'put', revision: txn.revision, prevKv: prevKv ? before : undefined };
}
