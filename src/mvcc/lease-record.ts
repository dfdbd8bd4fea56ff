// leasepb.Lease as protobuf bytes.

/** A lease as etcd stores it: the granted time, and the remaining time that a checkpoint recorded. */

import { MAX_FIELD_OVERHEAD_BYTES, ProtoReader, ProtoWriter, VARINT } from './protobuf.js';

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

/** Decodes a leasepb.Lease, or throws CORRUPT. */
export function decodeLease(bytes: Buffer): LeaseRecord {
  const reader = new ProtoReader(bytes, 'lease record');
  let id = 0n;
  let ttlSeconds = 0;
  let remainingTtlSeconds = 0;
  for (let tag = reader.next(); tag !== undefined; tag = reader.next()) {
    const { field, wireType } = tag;
    if (field >= 1 && field <= 3) reader.expect(wireType, VARINT);
    if (field === 1) id = reader.bigint();
    else if (field === 2) ttlSeconds = reader.number();
    else if (field === 3) remainingTtlSeconds = reader.number();
    else reader.skip(wireType);
  }
  return { id, ttlSeconds, remainingTtlSeconds };
}
