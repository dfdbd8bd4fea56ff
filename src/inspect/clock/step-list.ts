// A list of points (revision, time), both ascending, with the piece of evidence that each point is from: 24 bytes each,
// outside the JavaScript heap.

import { AscendingList } from '../../adt/ascending-list.js';
import { NumberColumn } from '../../adt/number-column.js';

export interface Step {
  readonly revision: number;
  readonly timeUs: number;
  /** The row of the evidence. */
  readonly row: number;
}

export class StepList {
  private readonly revisions = new AscendingList();
  private readonly times = new AscendingList();
  private readonly rows = new NumberColumn(Uint32Array);

  get length(): number {
    return this.revisions.length;
  }

  push({ revision, timeUs, row }: Step): void {
    this.rows.set(this.length, row);
    this.revisions.push(revision);
    this.times.push(timeUs);
  }

  /** Returns the step at a place; undefined if the list is shorter. */
  at(place: number): Step | undefined {
    const revision = this.revisions.at(place);
    return revision === undefined ? undefined : { revision, timeUs: this.times.at(place)!, row: this.rows.at(place) };
  }

  /** Returns the number of steps below a revision. */
  countBelow(revision: number): number {
    return this.revisions.countBelow(revision);
  }

  /** Returns the number of steps before a time. */
  countBefore(timeUs: number): number {
    return this.times.countBelow(timeUs);
  }
}
