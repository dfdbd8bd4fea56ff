// The clock of a store: when its revisions were committed, and which of what was read says so.

import { MvccwError, type MvccwErrorOptions } from '../../errors.js';
import type { EvidenceList } from './evidence.js';
import { judgeClocks } from './judge-clocks.js';
import { RevisionClock } from './revision-clock.js';

/** Where a time was read. */
export interface Citation {
  readonly what:
    | 'renewTime'
    | 'creationTimestamp'
    | 'managedFields'
    | 'compactRevKey'
    | 'leaseTTL'
    | 'upSince'
    | 'line';
  /** The revision of the object that the time is from, or that the line names. */
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
  /** The number of times that were read. */
  readonly readings: number;
  /** Where the times were read: `objects of Kubernetes`, or the path of a file. */
  readonly from: string;
  /** Returns where a row of the evidence was read, and its time from which, or until which, a revision was committed. */
  cite(row: number, side: 'from' | 'until'): Citation;
}

const NONE_HINT: MvccwErrorOptions = {
  hint: '"mvccw help clocks" says what does: objects of Kubernetes, lines of a log, or a list of revisions and times',
};

/** Returns the clock of evidence. Throws NO_CLOCK if nothing that was read is near a commit. */
export function wallClock(clock: Omit<WallClock, 'times'>, evidence: EvidenceList, slackUs: number): WallClock {
  for (let row = 0; row < evidence.length; row++) {
    if (!evidence.isNear(row)) continue;
    return { ...clock, times: new RevisionClock(evidence, judgeClocks(evidence, clock.names.length), slackUs) };
  }
  throw new MvccwError('NO_CLOCK', `no time in ${clock.from} says when a revision was committed`, NONE_HINT);
}
