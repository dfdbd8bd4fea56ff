// The bounds of a lease's time, in seconds, as etcd has them.

/**
 * The shortest TTL; shorter ones are raised to it. etcd computes it from its election timeout, because a lease has to
 * outlive a change of leaders, and this is its default. Here nobody is elected, but the same script gets the same
 * lease, and a lease of 0 seconds would be gone before a key could be attached to it.
 */
export const MIN_TTL_SECONDS = 2;
export const MAX_TTL_SECONDS = 9_000_000_000;
