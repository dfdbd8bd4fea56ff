// A put, as etcd's API knows it: the value and the lease may be those that the key has already.

import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import type { KeyValue } from '../mvcc/key-value.js';
import type { WriteTxn } from '../mvcc/write-txn.js';

/** Of a key and its value together: what each output format can print, with escapes for all of them. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;

export interface PutOptions {
  readonly lease?: bigint | undefined;
  readonly prevKv?: boolean | undefined;
  readonly ignoreValue?: boolean | undefined;
  readonly ignoreLease?: boolean | undefined;
}

export interface PutRequest {
  readonly type: 'put';
  readonly key: string;
  /** 'current': the one that the key has. */
  readonly value: Buffer | 'current';
  /** 'current': the one that the key has; 0: none. */
  readonly lease: bigint | 'current';
  /** Whether the response carries the record before. */
  readonly prevKv: boolean;
}

export interface PutResponse {
  readonly type: 'put';
  readonly revision: number;
  readonly prevKv: KeyValue | undefined;
}

/** `value` is absent just where the current one stays. Throws USAGE where options and value exclude each other. */
export function putRequest(key: string, value: Buffer | undefined, options: PutOptions): PutRequest {
  const { lease, prevKv = false, ignoreValue = false, ignoreLease = false } = options;
  if (key === '') throw new MvccwError('USAGE', 'key is not provided', { hint: 'the empty key is none' });
  if (key.length + (value?.length ?? 0) > MAX_RECORD_BYTES) {
    throw new MvccwError('USAGE', 'key and value have more than 16 MiB together', {
      hint: `a record may have ${MAX_RECORD_BYTES} bytes; a server of etcd takes a tenth of that`,
    });
  }
  if (ignoreValue && value !== undefined) {
    throw new MvccwError('USAGE', 'put command needs only 1 argument when `--ignore-value` is set');
  }
  if (ignoreLease && lease !== undefined && lease !== 0n) {
    throw new MvccwError('USAGE', '`--lease` and `--ignore-lease` cannot be set at the same time, choose one');
  }
  return {
    type: 'put',
    key,
    value: ignoreValue ? 'current' : (value ?? Buffer.alloc(0)),
    lease: ignoreLease ? 'current' : (lease ?? 0n),
    prevKv,
  };
}

/** Throws KEY_NOT_FOUND when the current value or lease of no key is asked for, and LEASE_NOT_FOUND. */
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
