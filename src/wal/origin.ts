// Who made a revision: the entry of the log that it came from, and the process that proposed the entry. The id of a
// request, and of a lease that the server named, comes from the generator of etcd's pkg/idutil/id.go:
//
//   63            48 47                                    8 7       0
//   +---------------+---------------------------------------+---------+
//   | member, 16 bit| ms since 1970 at start, lowest 40 bits | counter |      the counter runs over into the ms
//   +---------------+---------------------------------------+---------+

/** The requests that can make a revision. */
export type RevisionRequest = 'put' | 'deleteRange' | 'txn' | 'leaseRevoke';

export interface RevisionOrigin {
  /** The index of the entry in the log, and its term. */
  readonly index: number;
  readonly term: number;
  readonly requestId: bigint;
  /** '' if authentication was off: then no user is recorded. */
  readonly user: string;
  readonly request: RevisionRequest;
}

/** The process that made an id. */
export interface Proposer {
  /** The lowest 16 bits of the id of its member. */
  readonly memberBits: number;
  /** When it had started, in ms since 1970; that many ms too late as it has handed out 256 ids since. */
  readonly startMs: number;
}

const MEMBER_SHIFT = 48n;
const COUNTER_BITS = 8n;
const TIME_BITS = 40;
const TIME_SPAN_MS = 2 ** TIME_BITS;
/** How far the clock of a server may be ahead of the reader's: a year. */
const MOST_AHEAD_MS = 365 * 86_400_000;

/** Returns who made an id. Only 40 bits of the time are in it, 35 years: it is the latest such time up to a year after `nowMs`. */
export function proposerOf(id: bigint, nowMs: number): Proposer {
  const lowMs = Number(BigInt.asUintN(TIME_BITS, id >> COUNTER_BITS));
  const spans = Math.max(Math.floor((nowMs + MOST_AHEAD_MS - lowMs) / TIME_SPAN_MS), 0);
  return { memberBits: Number(BigInt.asUintN(16, id >> MEMBER_SHIFT)), startMs: spans * TIME_SPAN_MS + lowMs };
}

/**
 * Tells whether a server made the id of a lease for a request to grant it. The generator then gave the request the next id,
 * unless another request came in between; a client that asks for a lease which it has seen comes later than both.
 */
export function isNextOf(leaseId: bigint, requestId: bigint): boolean {
  return BigInt.asUintN(63, requestId) === leaseId + 1n;
}
