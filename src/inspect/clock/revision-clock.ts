// Says when each revision was committed. Commits follow one another, so that what is known of one bounds others:
//
//   revision        10   11   12   13   14
//   not before       1              4          (a clock was read before the commit)
//   not after                  5         7     (the revision was known when a clock was read)
//   so at least      1    1    1    4    4
//   so at most       5    5    5    7    7
//
// Between such bounds, times are taken to lie evenly between readings that were made right before a commit.

import { countBefore } from '../../adt/binary-search.js';
import type { EvidenceList } from './evidence.js';
import type { JudgedClock, Judgement } from './judge-clocks.js';
import { type Step, StepList } from './step-list.js';

export interface RevisionTime {
  readonly revision: number;
  /** The likeliest time, in µs since 1970. */
  readonly timeUs: number;
  /** The revision was not committed before this; undefined if nothing says so. */
  readonly notBeforeUs: number | undefined;
  /** The revision was committed by then; undefined if nothing says so. */
  readonly notAfterUs: number | undefined;
  /** The larger distance of `timeUs` from both; undefined if one of them is not known. */
  readonly boundUs: number | undefined;
  /** Set if the revision lies outside all readings, so that only the pace of the commits within them tells its time. */
  readonly outside: 'before' | 'after' | undefined;
  /** The rows of the evidence that `notBeforeUs` and `notAfterUs` follow from. */
  readonly notBeforeRow: number | undefined;
  readonly notAfterRow: number | undefined;
}

/** The revisions that may have been the newest one at a time. */
export interface RevisionsAt {
  readonly timeUs: number;
  /** The likeliest one. */
  readonly revision: number;
  /** It was this one, or a later one; undefined if nothing says so. */
  readonly fromRev: number | undefined;
  /** It was this one, or an earlier one; undefined if nothing says so. */
  readonly toRev: number | undefined;
}

export class RevisionClock {
  readonly clocks: readonly JudgedClock[];
  /** The number of single times that were left out, as they contradict most of the others. */
  readonly leftOut: number;
  /** From the revision of each step on, commits were not before its time. */
  private readonly floors = new StepList();
  /** Up to the revision of each step, commits were not after its time. */
  private readonly ceilings = new StepList();
  /** The points through which the times go. */
  private readonly knots = new StepList();
  /** The first and the last knot that was read from a clock. */
  readonly first: Step;
  readonly last: Step;

  /**
   * Takes judged evidence of which at least one piece is near a commit; the first `readings` pieces were read from clocks.
   * Bounds are wider by `slackUs`.
   */
  constructor(
    readonly evidence: EvidenceList,
    readonly judgement: Judgement,
    private readonly slackUs: number,
    readings = evidence.length,
  ) {
    this.clocks = judgement.clocks;
    this.leftOut = judgement.leftOut;
    this.addFloors(judgement);
    this.addCeilings(judgement);
    this.addKnots(judgement);
    let [first, last] = [0, this.knots.length - 1];
    while (this.knots.at(first)!.row >= readings) first++;
    while (this.knots.at(last)!.row >= readings) last--;
    this.first = this.knots.at(first)!;
    this.last = this.knots.at(last)!;
  }

  private addFloors({ rows, clocks }: Judgement): void {
    const { evidence } = this;
    let highest = 0;
    for (const row of rows) {
      const fromUs = evidence.fromUs(row);
      if (fromUs === undefined) continue;
      // A clock that is a little ahead of the others names times that are too late by that.
      const timeUs = fromUs - clocks[evidence.clock(row)]!.aheadAtMostUs - this.slackUs;
      if (timeUs <= highest) continue;
      highest = timeUs;
      this.floors.push({ revision: evidence.revision(row), timeUs, row });
    }
  }

  private addCeilings({ rows, clocks }: Judgement): void {
    const { evidence } = this;
    const bounding = Uint32Array.from(rows)
      .filter((row) => evidence.untilRevision(row) > 0 && evidence.untilUs(row) !== undefined)
      .sort((a, b) => evidence.untilRevision(b) - evidence.untilRevision(a));
    const steps: Step[] = [];
    let lowest = Number.POSITIVE_INFINITY;
    for (const row of bounding) {
      const timeUs = evidence.untilUs(row)! + clocks[evidence.clock(row)]!.behindAtMostUs + this.slackUs;
      if (timeUs >= lowest) continue;
      lowest = timeUs;
      steps.push({ revision: evidence.untilRevision(row), timeUs, row });
    }
    for (const step of steps.reverse()) this.ceilings.push(step);
  }

  private addKnots({ rows }: Judgement): void {
    const { evidence } = this;
    // A reading that is older than others before it was not made right before its commit.
    const near = Uint32Array.from(rows).filter(
      (row) => evidence.isNear(row) && endOf(evidence, row) >= (this.floorOf(evidence.revision(row))?.timeUs ?? 0),
    );
    const times = spreadTimes(evidence, near);
    let highest = 0;
    for (const [place, row] of near.entries()) {
      const revision = evidence.revision(row);
      highest = Math.max(highest, this.within(revision, times[place]!));
      this.knots.push({ revision, timeUs: highest, row });
    }
  }

  private floorOf(revision: number): Step | undefined {
    return this.floors.at(this.floors.countBelow(revision + 1) - 1);
  }

  private ceilingOf(revision: number): Step | undefined {
    return this.ceilings.at(this.ceilings.countBelow(revision));
  }

  /** Returns a time, moved into the bounds of a revision. */
  private within(revision: number, timeUs: number): number {
    const { notBeforeUs = timeUs, notAfterUs = timeUs } = this.boundsOf(revision);
    return Math.min(Math.max(timeUs, notBeforeUs), Math.max(notAfterUs, notBeforeUs));
  }

  private boundsOf(
    revision: number,
  ): Pick<RevisionTime, 'notBeforeUs' | 'notAfterUs' | 'notBeforeRow' | 'notAfterRow'> {
    const [floor, ceiling] = [this.floorOf(revision), this.ceilingOf(revision)];
    // Where clocks contradict each other a little, the truth is taken to lie between them.
    const areSwapped = floor !== undefined && ceiling !== undefined && floor.timeUs > ceiling.timeUs;
    const [least, most] = areSwapped ? [ceiling, floor] : [floor, ceiling];
    return {
      notBeforeUs: least?.timeUs,
      notAfterUs: most?.timeUs,
      notBeforeRow: least?.row,
      notAfterRow: most?.row,
    };
  }

  at(revision: number): RevisionTime {
    const bounds = this.boundsOf(revision);
    const timeUs = this.within(revision, this.drawnAt(revision));
    const { notBeforeUs, notAfterUs } = bounds;
    const boundUs =
      notBeforeUs === undefined || notAfterUs === undefined
        ? undefined
        : Math.max(timeUs - notBeforeUs, notAfterUs - timeUs);
    const outside = revision < this.first.revision ? 'before' : revision > this.last.revision ? 'after' : undefined;
    return { revision, timeUs, boundUs, outside, ...bounds };
  }

  /** Returns which of the revisions from `oldest` to `newest` may have been the newest at a time. */
  revisionsAt(timeUs: number, oldest: number, newest: number): RevisionsAt {
    const drawn = countBefore(newest - oldest + 1, (place) => this.at(oldest + place).timeUs <= timeUs);
    const sure = this.ceilings.at(this.ceilings.countBefore(timeUs + 1) - 1);
    const tooLate = this.floors.at(this.floors.countBefore(timeUs + 1));
    return {
      timeUs,
      revision: Math.max(oldest + drawn - 1, oldest),
      fromRev: sure === undefined ? undefined : clamp(sure.revision, oldest, newest),
      toRev: tooLate === undefined ? undefined : clamp(tooLate.revision - 1, oldest, newest),
    };
  }

  /** Returns the time of a revision on the lines between the knots, and on those that go on outside. */
  private drawnAt(revision: number): number {
    const { first, last } = this;
    const next = this.knots.at(this.knots.countBelow(revision));
    if (next?.revision === revision) return next.timeUs;
    const before = this.knots.at(this.knots.countBelow(revision) - 1);
    if (before === undefined || next === undefined) {
      const paceUs = (last.timeUs - first.timeUs) / Math.max(last.revision - first.revision, 1);
      const from = before ?? next!;
      return Math.round(from.timeUs + paceUs * (revision - from.revision));
    }
    const part = (revision - before.revision) / (next.revision - before.revision);
    return Math.round(before.timeUs + part * (next.timeUs - before.timeUs));
  }
}

const clamp = (number: number, least: number, most: number): number => Math.min(Math.max(number, least), most);

const endOf = (evidence: EvidenceList, row: number): number => evidence.untilUs(row) ?? evidence.fromUs(row)!;

/**
 * Returns a time for each row. Rows that one after the other name the same span, as a whole second, lie evenly in it; the
 * only one that names it lies in its middle.
 */
function spreadTimes(evidence: EvidenceList, rows: Uint32Array): Float64Array {
  const times = new Float64Array(rows.length);
  let places: number[] = [];
  const spread = () => {
    for (const [i, place] of places.entries()) {
      const startUs = evidence.fromUs(rows[place]!)!;
      times[place] = Math.round(startUs + ((i + 0.5) / places.length) * (endOf(evidence, rows[place]!) - startUs));
    }
    places = [];
  };
  for (const [place, row] of rows.entries()) {
    const endUs = endOf(evidence, row);
    const startUs = evidence.fromUs(row) ?? endUs;
    if (startUs === endUs) {
      times[place] = endUs;
      continue;
    }
    if (places.length > 0 && evidence.fromUs(rows[places[0]!]!) !== startUs) spread();
    places.push(place);
  }
  spread();
  return times;
}
