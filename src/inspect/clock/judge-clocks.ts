// Finds the clocks that are wrong, by comparing each with all the others: what a clock says is held against the curve of
// times that most of the evidence agrees on.

import type { EvidenceList } from './evidence.js';
import { monotoneCurve } from './monotone-curve.js';

export interface JudgedClock {
  /** The number of pieces of evidence that name a time by it. */
  readonly readings: number;
  /** How far it is ahead of the others, by its middle reading; below 0: behind them, or late. */
  readonly aheadUs: number;
  /** Whether it is so far from the others that its times are not used. */
  readonly isWrong: boolean;
}

export interface Judgement {
  readonly clocks: readonly JudgedClock[];
  /** The pieces of evidence that are used, in the order of their revisions. */
  readonly rows: readonly number[] | Uint32Array;
  /** The number of single times that were left out, of clocks that are not wrong. */
  readonly leftOut: number;
}

/** A clock that is farther from the others is wrong. Clocks that are kept right differ by some milliseconds. */
const MAX_AHEAD_US = 2_000_000;

/**
 * A single time that is farther from what most of the evidence says is left out. Requests that took longer than this are
 * rare, and times that somebody copied are much older.
 */
const MAX_STRAY_US = 30_000_000;

/** Returns how far a piece of evidence is ahead of the curve; below 0: behind it. */
function aheadOf(evidence: EvidenceList, row: number, curveUs: number): number {
  const fromUs = evidence.fromUs(row) ?? evidence.untilUs(row)!;
  const untilUs = evidence.untilUs(row) ?? fromUs;
  return fromUs > curveUs ? fromUs - curveUs : Math.min(untilUs - curveUs, 0);
}

/** Returns how far each of the rows is ahead of the curve through those of them that are near. */
function deviations(evidence: EvidenceList, rows: Uint32Array): Float64Array {
  const near = rows.filter((row) => evidence.isNear(row));
  const low = (place: number) => evidence.fromUs(near[place]!) ?? evidence.untilUs(near[place]!)!;
  const high = (place: number) => Math.max(evidence.untilUs(near[place]!) ?? 0, low(place));
  const curve = monotoneCurve(near.length, low, high);
  let place = -1;
  return Float64Array.from(rows, (row) => {
    if (place + 1 < near.length && near[place + 1] === row) place++;
    return evidence.isNear(row) ? aheadOf(evidence, row, curve[place]!) : 0;
  });
}

export function judgeClocks(evidence: EvidenceList, clocks: number): Judgement {
  const all = evidence.inOrder();
  const first = judge(evidence, all, deviations(evidence, all), clocks);
  const right = all.filter((row) => !first[evidence.clock(row)]!.isWrong);
  const ahead = deviations(evidence, right);
  const second = judge(evidence, right, ahead, clocks);
  const rows = right.filter((_, place) => Math.abs(ahead[place]!) <= MAX_STRAY_US);
  return {
    clocks: first.map((clock, number) => (clock.isWrong ? clock : { ...second[number]!, isWrong: false })),
    rows,
    leftOut: right.length - rows.length,
  };
}

function judge(evidence: EvidenceList, rows: Uint32Array, ahead: Float64Array, clocks: number): JudgedClock[] {
  const places = Uint32Array.from({ length: rows.length }, (_, place) => place)
    .filter((place) => evidence.isNear(rows[place]!))
    .sort((a, b) => evidence.clock(rows[a]!) - evidence.clock(rows[b]!) || ahead[a]! - ahead[b]!);
  const judged: JudgedClock[] = Array.from({ length: clocks }, () => ({ readings: 0, aheadUs: 0, isWrong: false }));
  for (let start = 0; start < places.length; ) {
    const clock = evidence.clock(rows[places[start]!]!);
    let end = start + 1;
    while (end < places.length && evidence.clock(rows[places[end]!]!) === clock) end++;
    const aheadUs = ahead[places[(start + end) >>> 1]!]!;
    judged[clock] = { readings: end - start, aheadUs, isWrong: Math.abs(aheadUs) > MAX_AHEAD_US };
    start = end;
  }
  return judged;
}
