// The entries of a log in which leases were granted, of those whose ids the server made: such an id is made for one request,
// which then gets the next id itself.

import { MvccwError } from '../../errors.js';
import { decodeRequest } from '../../wal/decode-request.js';
import { isNextOf } from '../../wal/origin.js';
import { NORMAL, type RaftLog } from '../../wal/raft-log.js';

export interface LeaseGrant {
  readonly index: number;
  readonly term: number;
  /** '' if authentication was off: then no user is recorded. */
  readonly user: string;
}

/** Reads all entries. Returns the grants by the ids of their leases. */
export function leaseGrants(log: Pick<RaftLog, 'entries'>): ReadonlyMap<bigint, LeaseGrant> {
  const grants = new Map<bigint, LeaseGrant>();
  for (const { index, term, type, data } of log.entries()) {
    const granted = type === NORMAL && data.length > 0 ? grantIn(data) : undefined;
    if (granted !== undefined) grants.set(granted.id, { index, term, user: granted.user });
  }
  return grants;
}

function grantIn(data: Buffer): { readonly id: bigint; readonly user: string } | undefined {
  try {
    const request = decodeRequest(data);
    if (request.kind !== 'leaseGrant' || !isNextOf(request.id, request.header.id)) return undefined;
    return { id: request.id, user: request.header.user };
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'CORRUPT') return undefined;
    throw error;
  }
}
