// Leases as people ask for them: which there are, and what is left of one.

import type { Lease, LeaseReader } from '../mvcc/lease-book.js';
import { remainingSeconds } from '../mvcc/lease-clock.js';

export interface LeaseTimeToLive {
  readonly id: bigint;
  /** Undefined when the lease is unknown, or has run out and only waits to be revoked. */
  readonly left: { readonly grantedSeconds: number; readonly remainingSeconds: number } | undefined;
  /** The keys attached to it, where they were asked for. */
  readonly keys: readonly string[] | undefined;
}

export function timeToLive(leases: LeaseReader, id: bigint, nowMs: number, withKeys: boolean): LeaseTimeToLive {
  const lease = leases.get(id);
  const remaining = lease === undefined ? undefined : remainingSeconds(lease, nowMs);
  if (lease === undefined || remaining === undefined) return { id, left: undefined, keys: undefined };
  return {
    id,
    left: { grantedSeconds: lease.ttlSeconds, remainingSeconds: remaining },
    keys: withKeys ? leases.keys(id) : undefined,
  };
}

/** All leases, those first that run out first, as etcd's server lists them; those without a deadline last. */
export function leasesByDeadline(leases: LeaseReader): Lease[] {
  const deadline = ({ deadlineMs = Number.POSITIVE_INFINITY }: Lease) => deadlineMs;
  // Sorting keeps the order of ids among equal deadlines.
  return [...leases.list()].sort((a, b) => {
    if (deadline(a) === deadline(b)) return 0;
    return deadline(a) < deadline(b) ? -1 : 1;
  });
}
