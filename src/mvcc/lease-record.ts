// leasepb.Lease as protobuf bytes.

import { MAX_FIELD_OVERHEAD_BYTES, ProtoReader, ProtoWriter, VARINT } from './protobuf.js';

/** A lease as etcd stores it: the granted time, and the remaining time that a checkpoint recorded. */
export interface LeaseRecord {
  readonly id: bigint;
  readonly ttlSeconds: number;
  readonly remainingTtlSeconds: number;
}

export function encodeLease(lease: LeaseRecord): Buffer {
  const writer = new ProtoWriter(3 * MAX_FIELD_OVERHEAD_BYTES);
  writer.bigint(1, lease.id);
  writer.number(2, lease.ttlSeconds);
  writer.number(3, lease.remainingTtlSeconds);
  return writer.finish();
}

const READER = new ProtoReader('lease record', [VARINT, VARINT, VARINT]);

/** Decodes a leasepb.Lease, or throws CORRUPT. */
export function decodeLease(bytes: Buffer): LeaseRecord {
  READER.open(bytes);
  let id = 0n;
  let ttlSeconds = 0;
  let remainingTtlSeconds = 0;
  for (let field = READER.next(); field !== 0; field = READER.next()) {
    if (field === 1) id = READER.int64();
    else if (field === 2) ttlSeconds = READER.number();
    else remainingTtlSeconds = READER.number();
  }
  return { id, ttlSeconds, remainingTtlSeconds };
}
