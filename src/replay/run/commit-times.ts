// Remembers when each revision of a replay was committed, and so where the store stood at any time.

import { AscendingList } from '../../adt/ascending-list.js';

export class CommitTimes {
  /** Place i holds a revision here, and the time of its commit in `timesUs`. */
  private readonly revisions = new AscendingList();
  private readonly timesUs = new AscendingList();

  /**
   * Takes commits in the order of time. A store that has gone back commits revisions again; the later commit counts.
   */
  add(revision: number, timeUs: number): void {
    this.goBack(revision - 1);
    this.revisions.push(revision);
    this.timesUs.push(timeUs);
  }

  /** Forgets the commits of later revisions. */
  goBack(revision: number): void {
    const kept = this.revisions.countBelow(revision + 1);
    this.revisions.cut(kept);
    this.timesUs.cut(kept);
  }

  /** Returns the time of the commit; 0 for a revision that was there when the replay began. */
  timeOf(revision: number): number {
    const place = this.revisions.countBelow(revision);
    return this.revisions.at(place) === revision ? this.timesUs.at(place)! : 0;
  }

  /** Returns the newest revision that was committed up to a time; 0 before the first commit. */
  revisionAt(timeUs: number): number {
    return this.revisions.at(this.timesUs.countBelow(timeUs + 1) - 1) ?? 0;
  }
}
