// The clock that the objects of Kubernetes in a store show.

import { MvccwError } from '../../errors.js';
import { clockReadings } from '../../kube/clock-reading.js';
import type { StoreReader } from '../../mvcc/store.js';
import type { EvidenceList } from './evidence.js';
import { withUnjudged } from './judge-clocks.js';
import { COMPACTOR_KEY, type EndedLease, type KubeEvidence, kubeEvidence } from './kube-evidence.js';
import { compactorPieces, type GrantedLease, type IntervalPiece, leasePieces, startPiece } from './kube-intervals.js';
import { RevisionClock } from './revision-clock.js';
import { type Citation, type WallClock, wallClock } from './wall-clock.js';

/** What a log beside a store knows. */
export interface LogTimes {
  /** Returns the grants of leases. */
  grantsOf(ids: ReadonlySet<bigint>): ReadonlyMap<bigint, GrantedLease>;
  /** Returns when the process was started that proposed a revision, which was before `nowUs`; undefined if not known. */
  startOf(revision: number, nowUs: number): number | undefined;
  /** Whether a revision that deleted keys with a lease may have done so since the lease ran out. */
  mayHaveRunOut(revision: number): boolean;
}

/** The revision of the first change of a store. */
const FIRST_CHANGE = 2;

/** The clocks of a cluster are taken to agree within this. */
const CLOCKS_AGREE_US = 50_000;

/** Returns the clock of a store. Throws NO_CLOCK if it holds no objects of Kubernetes, or CORRUPT. */
export function kubeClock(store: StoreReader, log?: LogTimes): WallClock {
  const found = kubeEvidence(store.records(0, store.currentRev));
  const { evidence, clocks } = found;
  const from = 'objects of Kubernetes';
  const cite = (row: number, side: 'from' | 'until') => citationOf(store, found, row, side);
  const readings = evidence.length;
  const clock = wallClock({ names: clocks, readings, from, cite }, evidence, CLOCKS_AGREE_US);
  const pieces = intervalPieces(store, found, clock, log);
  if (pieces.length === 0) return clock;
  for (const piece of pieces) evidence.add({ ...piece, clock: clocks.length });
  const judgement = withUnjudged(clock.times.judgement, evidence, readings);
  return {
    ...clock,
    times: new RevisionClock(evidence, judgement, CLOCKS_AGREE_US, readings),
    cite: (row, side) => (row < readings ? cite(row, side) : intervalCitation(pieces[row - readings]!)),
  };
}

function intervalPieces(
  store: StoreReader,
  { compactorPuts, endedLeases: ended }: KubeEvidence,
  { times }: WallClock,
  log: LogTimes | undefined,
): IntervalPiece[] {
  const endedLeases = ended.filter(
    ({ revision, lease }) => !store.leases.has(lease) && (log?.mayHaveRunOut(revision) ?? true),
  );
  const grants = endedLeases.length > 0 ? log?.grantsOf(new Set(endedLeases.map(({ lease }) => lease))) : undefined;
  const grantOf = (ended: EndedLease) => grants?.get(ended.lease) ?? likelyGrant(store, ended);
  const oldest = Math.max(store.compactRev, FIRST_CHANGE);
  return [
    ...startPiece(times, oldest, log?.startOf(oldest, times.first.timeUs)),
    ...compactorPieces(times, compactorPuts, COMPACTOR_KEY),
    ...leasePieces(times, endedLeases, grantOf),
  ];
}

/** An apiserver holds its own endpoint by a lease of so long, which no option changes. */
const MASTER_LEASE_SECONDS = 15;
const MASTER_LEASES = '/masterleases/';

/** Returns how long a lease was that is gone, if no log says it: as long as another one of keys of the same kind. */
function likelyGrant(store: StoreReader, { key }: EndedLease): GrantedLease | undefined {
  if (key.includes(MASTER_LEASES)) return { ttlSeconds: MASTER_LEASE_SECONDS, grantedAt: undefined };
  const [kind] = /^\/[^/]+\/[^/]+\//.exec(key) ?? [];
  if (kind === undefined) return undefined;
  for (const { id, ttlSeconds } of store.leases.list()) {
    if (store.leases.keys(id).some((attached) => attached.startsWith(kind)))
      return { ttlSeconds, grantedAt: undefined };
  }
  return undefined;
}

function intervalCitation({ what, key, source, fromUs, untilUs }: IntervalPiece): Citation {
  return { what, key, revision: source, line: undefined, clock: 'Kubernetes', timeUs: (fromUs ?? untilUs)!, knew: 0 };
}

/** Returns the object that a time was read in. */
function citationOf(
  store: StoreReader,
  { evidence, clocks }: { readonly evidence: EvidenceList; readonly clocks: readonly string[] },
  row: number,
  side: 'from' | 'until',
): Citation {
  const [revision, fromUs] = [evidence.revision(row), evidence.fromUs(row)!];
  const timeUs = side === 'from' ? fromUs : evidence.untilUs(row)!;
  const knew = evidence.untilRevision(row);
  const of = { revision, line: undefined, clock: clocks[evidence.clock(row)]!, timeUs, knew };
  for (const record of store.records(revision, revision)) {
    if (record.isEmpty || record.tombstone) continue;
    const { key, value } = record.keyValue();
    const { renewal, managedUs, createdUs } = clockReadings(value) ?? {};
    if (renewal?.timeUs === fromUs) return { ...of, what: 'renewTime', key };
    if (managedUs === fromUs) return { ...of, what: 'managedFields', key };
    if (createdUs === fromUs) return { ...of, what: 'creationTimestamp', key };
  }
  throw new MvccwError('COMPACTED', `revision ${revision} was there and is gone`, {
    hint: 'another process has compacted the database meanwhile; try again',
  });
}
