// How long leases live: what a request for a TTL is granted, and what is left at a time. Follows lessor.go.

import { MvccwError } from '../errors.js';
import type { Lease } from './leases.js';

/**
 * The shortest TTL there is; shorter ones are raised to it. etcd's follows from its election timeout, since a lease
 * has to outlive a change of leaders, and is this much by default. Nobody is elected here, but the same script gets
 * the same lease, and one of 0 seconds would be gone before a key could be attached to it.
 */
const MIN_TTL_SECONDS = 2;
const MAX_TTL_SECONDS = 9_000_000_000;
const MS_PER_SECOND = 1000;

/** The TTL that a request for one is granted. Throws USAGE when it is too large. */
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

/** Whole seconds that are left; undefined once it has run out, revoked or not. */
export function remainingSeconds(lease: Lease, nowMs: number): number | undefined {
  const { ttlSeconds, remainingTtlSeconds, deadlineMs } = lease;
  // A checkpoint of etcd's tells how far it had run, in an etcd file.
  if (deadlineMs === undefined) return remainingTtlSeconds || ttlSeconds;
  if (deadlineMs <= nowMs) return undefined;
  // Never more than was granted, even if the clock has gone back.
  return Math.min(ttlSeconds, Math.floor((deadlineMs - nowMs) / MS_PER_SECOND));
}
