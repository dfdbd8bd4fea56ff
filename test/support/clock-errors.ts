// This module holds a clock against the true times of a recording.

import type { RevisionTime } from '../../src/inspect/clock/revision-clock.js';
import { dataDirectoryFile } from './data-directories.js';

/** The clock of the client around the request that made a revision, and that of a watcher that got its events, in ms. */
interface TrueTime {
  readonly revision: number;
  /** The times before the request and behind it; undefined where a lease ran out, which nobody asked for. */
  readonly beforeMs: number | undefined;
  readonly behindMs: number | undefined;
  readonly seenMs: number;
}

/** Returns the true times of all revisions of fixtures/datadirs/k8s-35, from 2 on. */
export function trueTimes(): TrueTime[] {
  const times = new Map<number, TrueTime>();
  for (const line of dataDirectoryFile('k8s-35', 'truth.jsonl').toString().trimEnd().split('\n')) {
    const { rev, t0_ms: beforeMs, t1_ms: behindMs, seen_ms: seenMs } = JSON.parse(line);
    times.set(rev, { revision: rev, beforeMs, behindMs, seenMs });
  }
  return [...times.values()];
}

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

/** Returns how wrong the times of a clock are. */
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
    errors.push(Math.max(fromUs - time.timeUs, time.timeUs - untilUs, 0));
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
