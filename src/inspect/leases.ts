// Answers what people ask about leases: which there are, and how long each has left.

import { remainingSeconds } from '../mvcc/lease-clock.js';
import type { Lease, LeaseReader } from '../mvcc/leases.js';

export interface TimeLeft {
  readonly grantedSeconds: number;
  readonly remainingSeconds: number;
  /** Whether the time runs. For a lease from an etcd file it does not, until the lease is kept alive. */
  readonly hasDeadline: boolean;
}

export interface LeaseTimeToLive {
  readonly id: bigint;
  /** Undefined if the lease is unknown, or has run out and only waits to be revoked. */
  readonly left: TimeLeft | undefined;
  /** The keys attached to the lease; undefined if they were not asked for. */
  readonly keys: readonly string[] | undefined;
}

export function timeToLive(leases: LeaseReader, id: bigint, nowMs: number, withKeys: boolean): LeaseTimeToLive {
  const lease = leases.get(id);
  if (lease === undefined) return { id, left: undefined, keys: undefined };
  const time = timeLeft(lease, nowMs);
  return withKeys && time.left !== undefined ? { ...time, keys: leases.keys(id) } : time;
}

function timeLeft(lease: Lease, nowMs: number): LeaseTimeToLive {
  const { id, ttlSeconds: grantedSeconds, deadlineMs } = lease;
  const seconds = remainingSeconds(lease, nowMs);
  return {
    id,
    left:
      seconds === undefined
        ? undefined
        : { grantedSeconds, remainingSeconds: seconds, hasDeadline: deadlineMs !== undefined },
    keys: undefined,
  };
}

/** Returns all leases in order of their deadlines, as etcd's server lists them; those without a deadline come last. */
export function listLeases(leases: LeaseReader, nowMs: number): LeaseTimeToLive[] {
  const deadline = ({ deadlineMs = Number.POSITIVE_INFINITY }: Lease) => deadlineMs;
  // Among equal deadlines, sorting keeps the order of ids.
  const sorted = [...leases.list()].sort((a, b) => {
    if (deadline(a) === deadline(b)) return 0;
    return deadline(a) < deadline(b) ? -1 : 1;
  });
  return sorted.map((lease) => timeLeft(lease, nowMs));
}
