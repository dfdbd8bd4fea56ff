// This module holds a clock against the true times of a recording.

import type { RevisionTime } from '../../src/inspect/clock/revision-clock.js';
import type { TrueTime } from './k8s-objects.js';

/** A revision that nobody asked for was committed this long before its event was seen, at most. */
const SEEN_LATE_MS = 200;

export interface ClockErrors {
  /** Half of the times are off by this at most. */
  readonly medianUs: number;
  readonly maxUs: number;
  /** The part of the revisions that lie within the bounds that are stated for them. */
  readonly held: number;
  /** The part of the revisions for which both bounds are stated. */
  readonly bounded: number;
  readonly count: number;
}

/** Returns how wrong the times of a clock are, of the revisions that lie between its readings. */
export function clockErrors(truth: readonly TrueTime[], at: (revision: number) => RevisionTime): ClockErrors {
  const errors: number[] = [];
  let held = 0;
  let bounded = 0;
  for (const { revision, beforeMs, behindMs, seenMs } of truth) {
    const time = at(revision);
    const [fromUs, untilUs] = [(beforeMs ?? seenMs - SEEN_LATE_MS) * 1000, ((behindMs ?? seenMs) + 1) * 1000];
    const { notBeforeUs = fromUs, notAfterUs = untilUs } = time;
    if (notBeforeUs <= untilUs && notAfterUs >= fromUs) held++;
    if (time.boundUs !== undefined) bounded++;
    if (time.outside === undefined) errors.push(Math.max(fromUs - time.timeUs, time.timeUs - untilUs, 0));
  }
  errors.sort((a, b) => a - b);
  return {
    medianUs: errors[errors.length >>> 1]!,
    maxUs: errors.at(-1)!,
    held: held / truth.length,
    bounded: bounded / truth.length,
    count: truth.length,
  };
}

export const errorsText = ({ medianUs, maxUs, held, bounded, count }: ClockErrors): string =>
  `${count} revisions: half are off by ${medianUs / 1e6} s at most, all by ${maxUs / 1e6} s; bounds hold for ${(100 * held).toFixed(1)} %, ${(100 * bounded).toFixed(1)} % have both`;
