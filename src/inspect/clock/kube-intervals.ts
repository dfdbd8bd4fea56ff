// Takes evidence from what Kubernetes does after a known time. It reaches beyond the first and the last clock that was
// read, and is used only there:
//
//   compact_rev_key   an apiserver puts into it, once in an interval, the revision that was the newest an interval before.
//                     How long the interval is, the times between show.
//   a lease ran out   its keys are deleted when its time is over.
//   a log             names since when the process was up that proposed a request.

import type { CompactorPut, EndedLease } from './kube-evidence.js';
import type { Piece } from './log-line.js';
import type { RevisionClock } from './revision-clock.js';

/** What is known of a lease that has run out: its time, and the newest revision when it was granted. */
export interface GrantedLease {
  readonly ttlSeconds: number;
  /** Undefined if only the first put with the lease is known, which comes right behind the grant. */
  readonly grantedAt: number | undefined;
}

/** A piece of evidence, and the key that it is about, if it is about one. */
export interface IntervalPiece extends Piece {
  readonly what: 'compactRevKey' | 'leaseTTL' | 'upSince';
  readonly key: string | undefined;
  /** The revision that holds what the piece follows from. */
  readonly source: number;
}

/** A server looks for leases that have run out twice a second. */
const EXPIRY_CHECK_US = 500_000;

const near = (revision: number, timeUs: number): Piece => ({
  revision,
  fromUs: undefined,
  untilUs: timeUs,
  untilRevision: 0,
  isNear: true,
});

/** Returns the interval of the compactor; undefined if no two of its revisions have known times. */
function compactorInterval(times: RevisionClock, puts: readonly CompactorPut[]): number | undefined {
  const { first, last } = times;
  const lengths = puts
    .filter(({ revision, was }) => was >= first.revision && revision <= last.revision)
    .map(({ revision, was }) => times.at(revision).timeUs - times.at(was).timeUs)
    .sort((a, b) => a - b);
  return lengths[lengths.length >>> 1];
}

export function* compactorPieces(
  times: RevisionClock,
  puts: readonly CompactorPut[],
  key: string,
): Iterable<IntervalPiece> {
  const intervalUs = compactorInterval(times, puts);
  if (intervalUs === undefined) return;
  const { first, last } = times;
  for (const { revision, was } of puts) {
    const of = { what: 'compactRevKey', key, source: revision } as const;
    if (was < first.revision && revision <= last.revision) {
      yield { ...of, ...near(was, Math.min(times.at(revision).timeUs - intervalUs, first.timeUs)) };
    }
    if (revision > last.revision && was >= first.revision) {
      yield { ...of, ...near(revision, Math.max(times.at(was).timeUs + intervalUs, last.timeUs)) };
    }
  }
}

/** Returns what follows from the start of the process that proposed the oldest revision. */
export function startPiece(times: RevisionClock, oldest: number, startUs: number | undefined): IntervalPiece[] {
  if (startUs === undefined || oldest > times.first.revision) return [];
  const bound = { revision: oldest, fromUs: startUs, untilUs: undefined, untilRevision: 0, isNear: false };
  return [{ what: 'upSince', key: undefined, source: oldest, ...bound }];
}

export function* leasePieces(
  times: RevisionClock,
  ended: readonly EndedLease[],
  grantOf: (ended: EndedLease) => GrantedLease | undefined,
): Iterable<IntervalPiece> {
  for (const end of ended) {
    const grant = grantOf(end);
    if (grant === undefined || end.since > times.last.revision) continue;
    const { revision, key, since } = end;
    const of = { what: 'leaseTTL', key, source: since } as const;
    const ttlUs = grant.ttlSeconds * 1e6;
    if (grant.grantedAt !== undefined) {
      const { notBeforeUs } = times.at(grant.grantedAt);
      const fromUs = notBeforeUs === undefined ? undefined : notBeforeUs + ttlUs;
      yield { ...of, revision, fromUs, untilUs: undefined, untilRevision: 0, isNear: false };
    }
    const endUs = times.at(since).timeUs + ttlUs + EXPIRY_CHECK_US;
    yield { ...of, ...near(revision, Math.max(endUs, times.last.timeUs)) };
  }
}
