// A server cuts a response by its size, which is that of an etcdserverpb.WatchResponse. This file computes it.
//
// Differs from etcd: a history does not know the ids of cluster and member, nor the raft term. An id counts as ten
// bytes, as most ids have, and the term as one.

import { encodeKeyValue, type KeyValue } from '../mvcc/key-value.js';
import { varintBytes } from '../mvcc/protobuf.js';
import type { DeliveredEvent } from './prev-kv.js';

const TAG_BYTES = 1;
const ID_BYTES = TAG_BYTES + 10;
const TERM_BYTES = TAG_BYTES + 1;
const TYPE_BYTES = TAG_BYTES + 1;
/** The field that says that more of the response follows. */
export const FRAGMENT_BYTES = TAG_BYTES + 1;

const fieldBytes = (bodyBytes: number): number => TAG_BYTES + varintBytes(bodyBytes) + bodyBytes;
const numberBytes = (value: number): number => (value === 0 ? 0 : TAG_BYTES + varintBytes(value));
const keyValueBytes = (kv: KeyValue): number => fieldBytes(encodeKeyValue(kv).length);

/** Returns the bytes that one event takes in a response. */
export function eventBytes({ type, kv, prevKv }: DeliveredEvent): number {
  const typeBytes = type === 'DELETE' ? TYPE_BYTES : 0;
  return fieldBytes(typeBytes + keyValueBytes(kv) + (prevKv === undefined ? 0 : keyValueBytes(prevKv)));
}

/** Returns the bytes of a response beside its events. */
export function headBytes(watchId: number, revision: number): number {
  return fieldBytes(2 * ID_BYTES + TERM_BYTES + numberBytes(revision)) + numberBytes(watchId);
}
