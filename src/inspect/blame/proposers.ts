// Names the processes that made ids: those of requests, and those of leases that a server named. An id holds 16 bits of
// the id of a member, which are held against the members that the file names.

import { type Proposer, proposerOf } from '../../wal/origin.js';

export interface KnownMember {
  /** In hexadecimal, as etcdctl prints it. */
  readonly id: string;
  /** '' for one whose name the file does not tell, as that of a removed one. */
  readonly name: string;
}

export interface KnownMembers {
  readonly members: readonly KnownMember[];
  /** The ids of members that were removed. */
  readonly removedMembers: readonly string[];
}

export interface NamedProposer extends Proposer {
  /** The member; none if the file has no such one, and several if they cannot be told apart. */
  readonly members: readonly KnownMember[];
}

/** The bits of a member that a lease's id has: the highest bit of an id is always 0. */
const LEASE_MEMBER_BITS = 0x7fff;
/** The first release of etcd with leases was of 2016, so that no id is older. */
const FIRST_START_MS = 1_451_606_400_000;
/** How far the clocks of two machines may differ. */
const MAX_SKEW_MS = 86_400_000;

export class Proposers {
  private readonly members: readonly (KnownMember & { readonly bits: number })[];

  constructor(
    { members, removedMembers }: KnownMembers,
    /** The time, in ms since 1970. */
    private readonly nowMs: number,
  ) {
    const named = members.map(({ id, name }) => ({ id, name }));
    const removed = removedMembers.map((id) => ({ id, name: '' }));
    this.members = [...named, ...removed].map((member) => ({
      ...member,
      bits: bitsOf(member),
    }));
  }

  /** Returns who made the id of a request. */
  of(requestId: bigint): NamedProposer {
    const proposer = proposerOf(requestId, this.nowMs);
    return { ...proposer, members: this.membersWith(proposer.memberBits, 0xffff) };
  }

  /** Returns who granted a lease that the server named; undefined if the id may be any number, as clients choose them. */
  ofLease(id: bigint): NamedProposer | undefined {
    const proposer = proposerOf(id, this.nowMs);
    const members = this.membersWith(proposer.memberBits, LEASE_MEMBER_BITS);
    const [first] = members;
    const { startMs } = proposer;
    if (first === undefined || startMs < FIRST_START_MS || startMs > this.nowMs + MAX_SKEW_MS) return undefined;
    return { ...proposer, memberBits: bitsOf(first), members };
  }

  private membersWith(memberBits: number, mask: number): readonly KnownMember[] {
    return this.members
      .filter(({ bits }) => (bits & mask) === (memberBits & mask))
      .map(({ id, name }) => ({ id, name }));
  }
}

function bitsOf({ id }: KnownMember): number {
  return Number.parseInt(id.slice(-4), 16);
}
