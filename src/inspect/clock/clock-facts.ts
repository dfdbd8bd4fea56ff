// What there is to say of a clock as a whole: how far it reaches, how exact it is, and which clocks are wrong.

import type { Window } from '../../mvcc/window.js';
import type { RevisionTime } from './revision-clock.js';
import type { WallClock } from './wall-clock.js';

export interface NamedClock {
  readonly name: string;
  readonly readings: number;
  /** How far it is ahead of the others; below 0: behind them. */
  readonly aheadUs: number;
}

export interface ClockFacts {
  readonly from: string;
  /** The number of times that were read. */
  readonly readings: number;
  readonly clocks: number;
  /** The oldest and the newest revision of the window. */
  readonly oldest: RevisionTime;
  readonly newest: RevisionTime;
  /** Half of the revisions that have a bound have this one at most; undefined if none has one. */
  readonly medianBoundUs: number | undefined;
  /** The largest bound. */
  readonly maxBoundUs: number | undefined;
  /** The number of revisions of the window without a bound. */
  readonly unbounded: number;
  /** The clocks that are not used, as they contradict the others, the most wrong first. */
  readonly wrong: readonly NamedClock[];
  /** The number of single times that are not used. */
  readonly leftOut: number;
  /** Whether times contradict each other and it cannot be told which are wrong. */
  readonly inDoubt: boolean;
}

export function clockFacts(clock: WallClock, { compactRev, currentRev }: Window): ClockFacts {
  const { times, names, from, readings } = clock;
  const oldest = Math.max(compactRev, Math.min(2, currentRev));
  const bounds = new Float64Array(currentRev - oldest + 1);
  let bounded = 0;
  for (let revision = oldest; revision <= currentRev; revision++) {
    const { boundUs } = times.at(revision);
    if (boundUs !== undefined) bounds[bounded++] = boundUs;
  }
  const sorted = bounds.subarray(0, bounded).sort();
  const wrong = times.clocks
    .slice(0, names.length)
    .map(({ readings: named, aheadUs, isWrong }, number) => ({
      name: names[number]!,
      readings: named,
      aheadUs,
      isWrong,
    }))
    .filter(({ isWrong }) => isWrong)
    .sort((a, b) => Math.abs(b.aheadUs) - Math.abs(a.aheadUs))
    .map(({ name, readings: named, aheadUs }) => ({ name, readings: named, aheadUs }));
  return {
    from,
    readings,
    clocks: times.clocks.slice(0, names.length).filter((judged) => judged.readings > 0).length,
    oldest: times.at(oldest),
    newest: times.at(currentRev),
    medianBoundUs: sorted[bounded >>> 1],
    maxBoundUs: sorted[bounded - 1],
    unbounded: bounds.length - bounded,
    wrong,
    leftOut: times.leftOut,
    inDoubt: times.judgement.inDoubt,
  };
}
