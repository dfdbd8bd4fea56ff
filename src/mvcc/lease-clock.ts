// The lifetime of leases: which TTL a request is granted, and how much of it is left at a time. Follows lessor.go.

import { MvccwError } from '../errors.js';
import { MAX_TTL_SECONDS, MIN_TTL_SECONDS } from './lease-ttl.js';
import type { Lease } from './leases.js';

const MS_PER_SECOND = 1000;

/** Returns the TTL that is granted for a requested one. Throws USAGE if it is too large. */
export function grantedTtl(seconds: number): number {
  if (seconds > MAX_TTL_SECONDS) {
    throw new MvccwError('USAGE', `too large lease TTL: ${seconds} seconds`, {
      hint: `the largest is ${MAX_TTL_SECONDS}`,
    });
  }
  return Math.max(MIN_TTL_SECONDS, seconds);
}

export function deadlineAfter(ttlSeconds: number, nowMs: number): number {
  return nowMs + ttlSeconds * MS_PER_SECOND;
}

/** Returns the whole seconds that are left; undefined after the lease has run out, even if it is not revoked yet. */
export function remainingSeconds(lease: Lease, nowMs: number): number | undefined {
  const { ttlSeconds, remainingTtlSeconds, deadlineMs } = lease;
  // In an etcd file, a checkpoint says how much was left.
  if (deadlineMs === undefined) return remainingTtlSeconds || ttlSeconds;
  if (deadlineMs <= nowMs) return undefined;
  // It is never more than was granted, even if the clock was set back.
  return Math.min(ttlSeconds, Math.floor((deadlineMs - nowMs) / MS_PER_SECOND));
}
