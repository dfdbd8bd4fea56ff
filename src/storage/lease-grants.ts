// What a write-ahead log knows of leases that are gone: how long they were, and when they were granted.

import { countBefore } from '../adt/binary-search.js';
import type { GrantedLease } from '../inspect/clock/kube-intervals.js';
import type { Window } from '../mvcc/window.js';
import { decodeRequest } from '../wal/decode-request.js';
import { NORMAL } from '../wal/raft-log.js';
import type { LogSource } from './log-source.js';

/** Returns the grants of leases. The log is read once more for them. */
export function leaseGrants(
  { raft, window }: Pick<LogSource, 'raft' | 'window'>,
  { currentRev }: Window,
  ids: ReadonlySet<bigint>,
): Map<bigint, GrantedLease> {
  const grants = new Map<bigint, GrantedLease>();
  const indexOf = (revision: number) => window.originsOf(revision)[0]?.index ?? 0;
  for (const { index, type, data } of raft.entries(raft.firstIndex, window.lastIndex)) {
    if (type !== NORMAL || data.length === 0) continue;
    const request = decodeRequest(data);
    if (request.kind !== 'leaseGrant' || !ids.has(request.id)) continue;
    const grantedAt = countBefore(currentRev, (place) => indexOf(place + 1) < index);
    grants.set(request.id, {
      ttlSeconds: Number(request.ttlSeconds),
      grantedAt: grantedAt > 0 ? grantedAt : undefined,
    });
  }
  return grants;
}
