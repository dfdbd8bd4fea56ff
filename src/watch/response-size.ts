// A server cuts a response by its size, which is that of an etcdserverpb.WatchResponse. This file computes it.
//
// Differs from etcd: a history does not know the ids of cluster and member, nor the raft term. An id counts as ten
// bytes, as most ids have, and the term as one.

import type { KeyValue } from '../mvcc/key-value.js';
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
const stringBytes = (length: number): number => (length === 0 ? 0 : fieldBytes(length));

/** Returns the bytes of a 64-bit integer; a negative one takes ten, as it is written as one without a sign. */
function int64Bytes(value: bigint): number {
  if (value === 0n) return 0;
  if (value < 0n) return TAG_BYTES + 10;
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return TAG_BYTES + varintBytes(Number(value));
  return TAG_BYTES + (value < 1n << 56n ? 8 : 9);
}

/** Returns the bytes of a record in protobuf, as encodeKeyValue writes it, without writing it. */
export function recordBytes({ key, createRevision, modRevision, version, value, lease }: KeyValue): number {
  return (
    stringBytes(key.length) +
    numberBytes(createRevision) +
    numberBytes(modRevision) +
    numberBytes(version) +
    stringBytes(value.length) +
    int64Bytes(lease)
  );
}

const keyValueBytes = (kv: KeyValue): number => fieldBytes(recordBytes(kv));

/** Returns the bytes that one event takes in a response. */
export function eventBytes({ type, kv, prevKv }: DeliveredEvent): number {
  const typeBytes = type === 'DELETE' ? TYPE_BYTES : 0;
  return fieldBytes(typeBytes + keyValueBytes(kv) + (prevKv === undefined ? 0 : keyValueBytes(prevKv)));
}

/** Returns the bytes of a message; `more` says that it is not the last one of its response. */
export function messageBytes(
  { watchId, revision, events }: { watchId: number; revision: number; events: readonly DeliveredEvent[] },
  more = false,
): number {
  let bytes = headBytes(watchId, revision) + (more ? FRAGMENT_BYTES : 0);
  for (const event of events) bytes += eventBytes(event);
  return bytes;
}

/** Returns the bytes of a response beside its events. */
export function headBytes(watchId: number, revision: number): number {
  return fieldBytes(2 * ID_BYTES + TERM_BYTES + numberBytes(revision)) + numberBytes(watchId);
}
