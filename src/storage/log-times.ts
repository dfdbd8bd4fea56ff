// What a write-ahead log knows of times: how long leases were that are gone, and when they were granted; and since when
// processes were up.

import { countBefore } from '../adt/binary-search.js';
import type { LogTimes } from '../inspect/clock/kube-clock.js';
import type { GrantedLease } from '../inspect/clock/kube-intervals.js';
import type { Window } from '../mvcc/window.js';
import { decodeRequest } from '../wal/decode-request.js';
import { proposerOf } from '../wal/origin.js';
import { NORMAL } from '../wal/raft-log.js';
import type { LogSource } from './log-source.js';

/** Returns what a log knows. It is read once more if leases are asked for. */
export function logTimes({ raft, window }: Pick<LogSource, 'raft' | 'window'>, store: Window): LogTimes {
  return {
    grantsOf: (ids) => leaseGrants({ raft, window }, store, ids),
    startOf(revision, nowUs) {
      const [origin, ...others] = window.originsOf(revision);
      if (origin === undefined || others.length > 0) return undefined;
      return proposerOf(origin.requestId, Math.floor(nowUs / 1000)).startMs * 1000;
    },
    mayHaveRunOut: (revision) => window.originsOf(revision).every(({ request }) => request === 'leaseRevoke'),
  };
}

function leaseGrants(
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
