// The clock of a store: when its revisions were committed, and which of what was read says so.

import { MvccwError, type MvccwErrorOptions } from '../../errors.js';
import { clockReadings } from '../../kube/clock-reading.js';
import type { StoreReader } from '../../mvcc/store.js';
import type { EvidenceList } from './evidence.js';
import { kubeEvidence } from './kube-evidence.js';
import { RevisionClock } from './revision-clock.js';

/** Where a time was read. */
export interface Citation {
  readonly what: 'renewTime' | 'creationTimestamp' | 'managedFields' | 'line';
  /** The revision of the object that holds the time, or that the line names. */
  readonly revision: number;
  /** The key of the object; undefined for a line of a file. */
  readonly key: string | undefined;
  /** The number of the line, counted from 1. */
  readonly line: number | undefined;
  readonly clock: string;
  readonly timeUs: number;
  /** The revision that was there when the time was read; 0 if none is known. */
  readonly knew: number;
}

export interface WallClock {
  readonly times: RevisionClock;
  /** The names of the clocks, by their numbers. */
  readonly names: readonly string[];
  /** Where the times were read: `objects of Kubernetes`, or the path of a file. */
  readonly from: string;
  /** Returns where a row of the evidence was read, and its time from which, or until which, a revision was committed. */
  cite(row: number, side: 'from' | 'until'): Citation;
}

const NONE_HINT: MvccwErrorOptions = {
  hint: '"mvccw help clocks" says what does: objects of Kubernetes, lines of a log, or a list of revisions and times',
};

/** The clocks of a cluster are taken to agree within this. */
const CLOCKS_AGREE_US = 50_000;

/** Returns the clock of evidence. Throws NO_CLOCK if none of it is near a commit. */
export function wallClock(clock: Omit<WallClock, 'times'>, evidence: EvidenceList, slackUs: number): WallClock {
  for (let row = 0; row < evidence.length; row++) {
    if (evidence.isNear(row)) return { ...clock, times: new RevisionClock(evidence, clock.names.length, slackUs) };
  }
  throw new MvccwError('NO_CLOCK', `no time in ${clock.from} says when a revision was committed`, NONE_HINT);
}

/** Returns the clock that the objects of Kubernetes in a store show. Throws NO_CLOCK if it holds none, or CORRUPT. */
export function kubeClock(store: StoreReader): WallClock {
  const { evidence, clocks } = kubeEvidence(store.records(0, store.currentRev));
  const cite: WallClock['cite'] = (row, side) => {
    const [revision, fromUs] = [evidence.revision(row), evidence.fromUs(row)!];
    const place = {
      revision,
      line: undefined,
      clock: clocks[evidence.clock(row)]!,
      timeUs: side === 'from' ? fromUs : evidence.untilUs(row)!,
    };
    const knew = evidence.untilRevision(row);
    for (const record of store.records(revision, revision)) {
      if (record.isEmpty || record.tombstone) continue;
      const { key, value } = record.keyValue();
      const { renewal, managedUs, createdUs } = clockReadings(value) ?? {};
      if (renewal?.timeUs === fromUs) return { ...place, what: 'renewTime', key, knew };
      if (managedUs === fromUs) return { ...place, what: 'managedFields', key, knew };
      if (createdUs === fromUs) return { ...place, what: 'creationTimestamp', key, knew };
    }
    throw new MvccwError('COMPACTED', `revision ${revision} was there and is gone`, {
      hint: 'another process has compacted the database meanwhile; try again',
    });
  };
  return wallClock({ names: clocks, from: 'objects of Kubernetes', cite }, evidence, CLOCKS_AGREE_US);
}
