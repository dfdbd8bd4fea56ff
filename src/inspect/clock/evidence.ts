// What is known of the times at which revisions were committed, piece by piece. A piece is a row of numbers of some 40
// bytes, since there may be one for every revision.

import { NumberColumn } from '../../adt/number-column.js';

export interface Evidence {
  readonly revision: number;
  /** The time, in µs since 1970, before which the revision was not committed; undefined if the piece names none. */
  readonly fromUs: number | undefined;
  /** A time by which `untilRevision` was committed; undefined if the piece names none. */
  readonly untilUs: number | undefined;
  /** The revision itself, or one before it; 0 if there is none of which that is known. */
  readonly untilRevision: number;
  /** Whether the revision itself was most likely committed about then: between both times, or not long after. */
  readonly isNear: boolean;
  /** The number of the clock that both times are from. */
  readonly clock: number;
}

/** Stands for a time that is not named. */
const NONE = 0;

export class EvidenceList {
  private readonly revisions = new NumberColumn(Float64Array);
  private readonly from = new NumberColumn(Float64Array);
  private readonly until = new NumberColumn(Float64Array);
  private readonly untilRevisions = new NumberColumn(Float64Array);
  /** Twice the number of the clock, plus one if the piece is near. */
  private readonly clocks = new NumberColumn(Uint32Array);
  private count = 0;

  get length(): number {
    return this.count;
  }

  add({ revision, fromUs, untilUs, untilRevision, isNear, clock }: Evidence): void {
    const row = this.count++;
    this.revisions.set(row, revision);
    this.from.set(row, fromUs ?? NONE);
    this.until.set(row, untilUs ?? NONE);
    this.untilRevisions.set(row, untilRevision);
    this.clocks.set(row, 2 * clock + (isNear ? 1 : 0));
  }

  revision(row: number): number {
    return this.revisions.at(row);
  }

  fromUs(row: number): number | undefined {
    return this.from.at(row) || undefined;
  }

  untilUs(row: number): number | undefined {
    return this.until.at(row) || undefined;
  }

  untilRevision(row: number): number {
    return this.untilRevisions.at(row);
  }

  isNear(row: number): boolean {
    return this.clocks.at(row) % 2 === 1;
  }

  clock(row: number): number {
    return this.clocks.at(row) >>> 1;
  }

  /** Returns the rows from one on in the order of their revisions; rows of the same revision stay in their order. */
  inOrder(start = 0): Uint32Array {
    const rows = new Uint32Array(this.count - start).map((_, place) => start + place);
    let sorted = true;
    for (let row = start + 1; sorted && row < this.count; row++) sorted = this.revision(row - 1) <= this.revision(row);
    return sorted ? rows : rows.sort((a, b) => this.revision(a) - this.revision(b) || a - b);
  }
}
