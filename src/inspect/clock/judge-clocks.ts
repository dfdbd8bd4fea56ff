// Finds the clocks that are wrong, by comparing each with all the others: what a clock says is held against the curve of
// times that most of the evidence agrees on.

import type { EvidenceList } from './evidence.js';
import { lowerCurve, upperCurve } from './monotone-curve.js';

export interface JudgedClock {
  /** The number of pieces of evidence that name a time by it. */
  readonly readings: number;
  /** How far it is ahead of the others, by its middle reading; below 0: behind them, or late. */
  readonly aheadUs: number;
  /** The same by the reading in the upper, and in the lower quarter, so far as they are ahead or behind. */
  readonly aheadAtMostUs: number;
  readonly behindAtMostUs: number;
  /** Whether it is so far from the others that its times are not used. */
  readonly isWrong: boolean;
}

export interface Judgement {
  readonly clocks: readonly JudgedClock[];
  /** The pieces of evidence that are used, in the order of their revisions. */
  readonly rows: Uint32Array;
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

/** Returns the span of a piece of evidence. */
function spanOf(evidence: EvidenceList, row: number): { readonly low: number; readonly high: number } {
  const low = evidence.fromUs(row) ?? evidence.untilUs(row)!;
  return { low, high: Math.max(evidence.untilUs(row) ?? low, low) };
}

/** Returns how far a piece of evidence is ahead of a time; below 0: behind it. */
function aheadOf(evidence: EvidenceList, row: number, timeUs: number): number {
  const { low, high } = spanOf(evidence, row);
  return low > timeUs ? low - timeUs : Math.min(high - timeUs, 0);
}

/** The pieces of evidence that are near, in the order of their revisions, and the curve on which most of them agree. */
class AgreedTimes {
  private readonly times: Float64Array;
  /** The place of the nearest piece of another clock before each, and behind it; -1 and the length if there is none. */
  private readonly before: Int32Array;
  private readonly behind: Int32Array;

  constructor(
    private readonly evidence: EvidenceList,
    readonly near: Uint32Array,
    clocks: number,
  ) {
    const counts = new Float64Array(clocks);
    for (const row of near) counts[evidence.clock(row)]!++;
    // A clock that is read often counts more than another, but not by as much.
    const spanAt = (place: number) => {
      const row = near[place]!;
      return { ...spanOf(evidence, row), weight: 1 / Math.sqrt(counts[evidence.clock(row)]!) };
    };
    const [lower, upper] = [lowerCurve(near.length, spanAt), upperCurve(near.length, spanAt)];
    this.times = lower.map((time, place) => (time + upper[place]!) / 2);
    this.before = new Int32Array(near.length);
    this.behind = new Int32Array(near.length);
    const clockAt = (place: number) => evidence.clock(near[place]!);
    for (let place = 0; place < near.length; place++) {
      this.before[place] = place > 0 && clockAt(place - 1) === clockAt(place) ? this.before[place - 1]! : place - 1;
    }
    for (let place = near.length - 1; place >= 0; place--) {
      const isSame = place + 1 < near.length && clockAt(place + 1) === clockAt(place);
      this.behind[place] = isSame ? this.behind[place + 1]! : place + 1;
    }
  }

  /** Returns how far the piece at a place is ahead of the curve. */
  ahead(place: number): number {
    return aheadOf(this.evidence, this.near[place]!, this.times[place]!);
  }

  /** Returns how far the piece at a place is ahead of what other clocks say; undefined where no other one is. */
  aheadOfOthers(place: number): number | undefined {
    const [before, behind] = [this.before[place]!, this.behind[place]!];
    if (before < 0 || behind >= this.near.length) return undefined;
    const revision = (at: number) => this.evidence.revision(this.near[at]!);
    const [from, to] = [revision(before), revision(behind)];
    const part = to > from ? (revision(place) - from) / (to - from) : 0;
    const timeUs = this.times[before]! + part * (this.times[behind]! - this.times[before]!);
    return aheadOf(this.evidence, this.near[place]!, timeUs);
  }
}

/**
 * Judges clocks until none of those that are left is wrong. Only the most wrong ones are taken out at a time, since they
 * may make others look wrong.
 */
export function judgeClocks(evidence: EvidenceList, clocks: number): Judgement {
  const wrong = new Map<number, JudgedClock>();
  let right = evidence.inOrder();
  for (;;) {
    const agreed = agreedTimes(evidence, right, clocks);
    const judged = judge(evidence, agreed, clocks);
    const worstUs = judged.reduce((worst, { aheadUs }) => Math.max(worst, Math.abs(aheadUs)), 0);
    if (worstUs <= MAX_AHEAD_US) {
      const rows = withoutStrays(right, agreed);
      const all = judged.map((clock, number) => wrong.get(number) ?? clock);
      return { clocks: all, rows, leftOut: right.length - rows.length };
    }
    for (const [number, clock] of judged.entries()) {
      const isWrong = Math.abs(clock.aheadUs) >= Math.max(worstUs / 2, MAX_AHEAD_US);
      if (isWrong) wrong.set(number, { ...clock, isWrong });
    }
    right = right.filter((row) => !wrong.has(evidence.clock(row)));
  }
}

/** Returns the rows without those that are far from what most of them say. */
function withoutStrays(rows: Uint32Array, agreed: AgreedTimes): Uint32Array {
  let place = -1;
  return rows.filter((row) => {
    if (agreed.near[place + 1] !== row) return true;
    place++;
    return Math.abs(agreed.ahead(place)) <= MAX_STRAY_US;
  });
}

function agreedTimes(evidence: EvidenceList, rows: Uint32Array, clocks: number): AgreedTimes {
  return new AgreedTimes(
    evidence,
    rows.filter((row) => evidence.isNear(row)),
    clocks,
  );
}

const UNREAD: JudgedClock = { readings: 0, aheadUs: 0, aheadAtMostUs: 0, behindAtMostUs: 0, isWrong: false };

/** Judges each clock by the middle one of its readings. */
function judge(evidence: EvidenceList, agreed: AgreedTimes, clocks: number): JudgedClock[] {
  const { near } = agreed;
  const ahead = Float64Array.from(near, (_, place) => agreed.aheadOfOthers(place) ?? agreed.ahead(place));
  const clockAt = (place: number) => evidence.clock(near[place]!);
  const places = Uint32Array.from(near, (_, place) => place).sort(
    (a, b) => clockAt(a) - clockAt(b) || ahead[a]! - ahead[b]!,
  );
  const judged: JudgedClock[] = Array.from({ length: clocks }, () => UNREAD);
  for (let start = 0; start < places.length; ) {
    const clock = clockAt(places[start]!);
    let end = start + 1;
    while (end < places.length && clockAt(places[end]!) === clock) end++;
    const readings = end - start;
    const quantile = (part: number) => Math.round(ahead[places[start + Math.floor(part * readings)]!]!);
    judged[clock] = {
      readings,
      aheadUs: quantile(0.5),
      aheadAtMostUs: Math.max(quantile(0.75), 0),
      behindAtMostUs: Math.max(-quantile(0.25), 0),
      isWrong: false,
    };
    start = end;
  }
  return judged;
}
