// Finds the clocks that are wrong, by comparing each with all the others: what a clock says is held against the curve of
// times that most of the evidence agrees on.

import type { EvidenceList } from './evidence.js';
import { lowerCurve, upperCurve } from './monotone-curve.js';

export interface JudgedClock {
  /** The number of pieces of evidence that name a time by it. */
  readonly readings: number;
  /** How far it is ahead of the others, by its middle reading; below 0: behind them, or late. */
  readonly aheadUs: number;
  /** How far its times have to be taken to be ahead of the truth, and behind it. */
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
  /** Whether times contradict each other and it cannot be told which are wrong. */
  readonly inDoubt: boolean;
}

/** A clock that is farther from the others is wrong. Clocks that are kept right differ by some milliseconds. */
const MAX_AHEAD_US = 2_000_000;

/**
 * A single time that is farther from what most of the evidence says is left out. Requests that took longer than this are
 * rare, and times that somebody copied are much older.
 */
const MAX_STRAY_US = 30_000_000;

/** Returns how far a span is ahead of a time; below 0: behind it. */
function aheadOf(low: number, high: number, timeUs: number): number {
  return low > timeUs ? low - timeUs : Math.min(high - timeUs, 0);
}

/** The pieces of evidence that are near, in the order of their revisions, and the curve on which most of them agree. */
class AgreedTimes {
  private readonly revisions: Float64Array;
  private readonly clocks: Uint32Array;
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  readonly times: Float64Array;
  /** The place of the nearest piece of another clock before each, and behind it; -1 and the length if there is none. */
  private readonly before: Int32Array;
  private readonly behind: Int32Array;

  constructor(
    evidence: EvidenceList,
    readonly near: Uint32Array,
    clockCount: number,
  ) {
    const { length } = near;
    this.revisions = Float64Array.from(near, (row) => evidence.revision(row));
    this.clocks = near.map((row) => evidence.clock(row));
    this.low = Float64Array.from(near, (row) => evidence.fromUs(row) ?? evidence.untilUs(row)!);
    this.high = this.low.map((low, place) => Math.max(evidence.untilUs(near[place]!) ?? low, low));
    const counts = new Float64Array(clockCount);
    for (const clock of this.clocks) counts[clock]!++;
    // A clock that is read often counts more than another, but not by as much.
    const weights = counts.map((count) => 1 / Math.sqrt(count));
    const weight = Float64Array.from(this.clocks, (clock) => weights[clock]!);
    const spans = { low: this.low, high: this.high, weight };
    const [lower, upper] = [lowerCurve(spans), upperCurve(spans)];
    this.times = lower.map((time, place) => (time + upper[place]!) / 2);
    this.before = new Int32Array(length);
    this.behind = new Int32Array(length);
    const { clocks, before, behind } = this;
    for (let place = 0; place < length; place++) {
      before[place] = place > 0 && clocks[place - 1] === clocks[place] ? before[place - 1]! : place - 1;
    }
    for (let place = length - 1; place >= 0; place--) {
      const isSame = place + 1 < length && clocks[place + 1] === clocks[place];
      behind[place] = isSame ? behind[place + 1]! : place + 1;
    }
  }

  clockAt(place: number): number {
    return this.clocks[place]!;
  }

  /** Returns how far the piece at a place is ahead of the curve. */
  ahead(place: number): number {
    return aheadOf(this.low[place]!, this.high[place]!, this.times[place]!);
  }

  /** Returns how far the piece at a place is ahead of what other clocks say; undefined where no other one is. */
  aheadOfOthers(place: number): number | undefined {
    const { revisions, times } = this;
    const [before, behind] = [this.before[place]!, this.behind[place]!];
    if (before < 0 || behind >= times.length) return undefined;
    const [from, to] = [revisions[before]!, revisions[behind]!];
    const part = to > from ? (revisions[place]! - from) / (to - from) : 0;
    const timeUs = times[before]! + part * (times[behind]! - times[before]!);
    return aheadOf(this.low[place]!, this.high[place]!, timeUs);
  }
}

/** A clock that was read less often does not count among those that are right or wrong: it may be one in a copied object. */
const MIN_READINGS = 3;

/** Of a clock that agrees with the others, this part of the readings is used at least. */
const MIN_USED = 0.75;

/** Judges clocks. Those that contradict the others are wrong, or set right on the way, if they are the fewer ones. */
export function judgeClocks(evidence: EvidenceList, clocks: number): Judgement {
  const rows = evidence.inOrder();
  const judgement = withoutWrong(evidence, rows, clocks);
  const used = new Float64Array(clocks);
  for (const row of judgement.rows) if (evidence.isNear(row)) used[evidence.clock(row)]!++;
  const isDoubted = ({ readings }: JudgedClock, number: number) =>
    readings >= MIN_READINGS && used[number]! < MIN_USED * readings;
  const doubted = judgement.clocks.filter(isDoubted).length;
  const counted = judgement.clocks.filter(({ readings }) => readings >= MIN_READINGS).length;
  if (doubted === 0 || 2 * doubted < counted) return judgement;
  return { clocks: allDoubted(judge(agreedTimes(evidence, rows, clocks), clocks)), rows, leftOut: 0, inDoubt: true };
}

/**
 * Takes clocks out until none of those that are left is wrong. Only the most wrong ones are taken out at a time, since they
 * may make others look wrong.
 */
function withoutWrong(evidence: EvidenceList, rows: Uint32Array, clocks: number): Judgement {
  const wrong = new Map<number, JudgedClock>();
  let right = rows;
  for (;;) {
    const agreed = agreedTimes(evidence, right, clocks);
    const judged = judge(agreed, clocks);
    const worstUs = judged.reduce((worst, { aheadUs }) => Math.max(worst, Math.abs(aheadUs)), 0);
    const limitUs = Math.max(worstUs / 2, MAX_AHEAD_US);
    const isRight = ({ readings, aheadUs }: JudgedClock) => readings > 0 && Math.abs(aheadUs) < limitUs;
    const isSettled = worstUs <= MAX_AHEAD_US;
    // Which of two is wrong cannot be told: then the bounds are as wide as they differ.
    const canTell = judged.filter(({ readings }) => readings > 0).length > 2 && judged.some(isRight);
    if (isSettled || !canTell) {
      const used = isSettled ? withoutStrays(right, evidence, agreed) : right;
      const kept = isSettled ? withDoubt(judged) : allDoubted(judged);
      const all = kept.map((clock, number) => wrong.get(number) ?? clock);
      return { clocks: all, rows: used, leftOut: right.length - used.length, inDoubt: !isSettled };
    }
    for (const [number, clock] of judged.entries()) {
      if (clock.readings > 0 && !isRight(clock)) wrong.set(number, { ...clock, isWrong: true });
    }
    right = right.filter((row) => !wrong.has(evidence.clock(row)));
  }
}

/** Adds the rows from `start` on, which are of another clock, and are used as they are. */
export function withUnjudged(judgement: Judgement, evidence: EvidenceList, start: number): Judgement {
  const { clocks, rows } = judgement;
  const added = evidence.inOrder(start);
  const all = new Uint32Array(rows.length + added.length);
  let place = 0;
  for (const [count, row] of added.entries()) {
    while (place < rows.length && evidence.revision(rows[place]!) <= evidence.revision(row)) {
      all[place + count] = rows[place++]!;
    }
    all[place + count] = row;
  }
  all.set(rows.subarray(place), place + added.length);
  return { ...judgement, clocks: [...clocks, UNREAD], rows: all };
}

/** Returns the rows without those that are far from what most of them say. */
function withoutStrays(rows: Uint32Array, evidence: EvidenceList, agreed: AgreedTimes): Uint32Array {
  let place = -1;
  return rows.filter((row) => {
    if (agreed.near[place + 1] === row) return Math.abs(agreed.ahead(++place)) <= MAX_STRAY_US;
    // One that is not near bounds those behind it from below, and those before it from above.
    const aheadUs = (evidence.fromUs(row) ?? 0) - (agreed.times[place + 1] ?? Number.POSITIVE_INFINITY);
    const behindUs = (agreed.times[place] ?? 0) - (evidence.untilUs(row) ?? Number.POSITIVE_INFINITY);
    return aheadUs <= MAX_STRAY_US && (behindUs <= MAX_STRAY_US || evidence.untilRevision(row) === 0);
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
function judge(agreed: AgreedTimes, clocks: number): JudgedClock[] {
  const counts = new Uint32Array(clocks);
  for (let place = 0; place < agreed.near.length; place++) counts[agreed.clockAt(place)]!++;
  const ahead = Array.from(counts, (count) => new Float64Array(count));
  const aheadOfOthers = Array.from(counts, (count) => new Float64Array(count));
  for (let place = agreed.near.length - 1; place >= 0; place--) {
    const clock = agreed.clockAt(place);
    const at = --counts[clock]!;
    ahead[clock]![at] = agreed.ahead(place);
    aheadOfOthers[clock]![at] = agreed.aheadOfOthers(place) ?? ahead[clock]![at]!;
  }
  return ahead.map((each, clock) => judgeOne(each.sort(), aheadOfOthers[clock]!.sort()));
}

/** Judges a clock by how far its readings are ahead of the curve, and of the other clocks, both in ascending order. */
function judgeOne(ahead: Float64Array, aheadOfOthers: Float64Array): JudgedClock {
  const readings = ahead.length;
  if (readings === 0) return UNREAD;
  const quantile = (sorted: Float64Array, part: number) => sorted[Math.floor(part * readings)]!;
  return {
    readings,
    aheadUs: Math.round(quantile(aheadOfOthers, 0.5)),
    // Several machines may share the name of a clock, so that few of its readings are ahead, or behind.
    aheadAtMostUs: Math.round(Math.max(quantile(aheadOfOthers, 0.75), quantile(ahead, 0.98), 0)),
    behindAtMostUs: Math.round(Math.max(-quantile(aheadOfOthers, 0.25), -quantile(ahead, 0.05), 0)),
    isWrong: false,
  };
}
/** Widens as far as any clock is from the others, since each may be the right one. */
function allDoubted(judged: readonly JudgedClock[]): JudgedClock[] {
  const aheadUs = judged.reduce((most, { aheadAtMostUs }) => Math.max(most, aheadAtMostUs), 0);
  const behindUs = judged.reduce((most, { behindAtMostUs }) => Math.max(most, behindAtMostUs), 0);
  return judged.map((clock) => ({
    ...clock,
    aheadAtMostUs: clock.aheadAtMostUs + behindUs,
    behindAtMostUs: clock.behindAtMostUs + aheadUs,
  }));
}

/**
 * Widens by how far the clocks differ: the truth lies between those that are not among the quarter that is most ahead, or
 * behind. What is seen of clocks at single moments is less than how far they are off, and so widened by half.
 */
function withDoubt(judged: readonly JudgedClock[]): JudgedClock[] {
  const read = judged.filter(({ readings }) => readings > 0);
  const ahead = Float64Array.from(read, ({ aheadUs }) => aheadUs).sort();
  const place = Math.floor(ahead.length / 4);
  const lowestUs = Math.min(ahead[place] ?? 0, 0);
  const highestUs = Math.max(ahead[ahead.length - 1 - place] ?? 0, 0);
  const widened = (us: number) => us + Math.round(Math.min(us, MAX_AHEAD_US) / 2);
  return judged.map((clock) => ({
    ...clock,
    aheadAtMostUs: widened(clock.aheadAtMostUs - lowestUs),
    behindAtMostUs: widened(clock.behindAtMostUs + highestUs),
  }));
}
