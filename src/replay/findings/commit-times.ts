// When each revision of a replay was committed, and where the store stood at a time.

import { AscendingList } from '../../adt/ascending-list.js';

export class CommitTimes {
  /** Revision i at time i, both integers. */
  private readonly revisions = new AscendingList();
  private readonly timesUs = new AscendingList();

  /** In order of time. A store that has gone back writes revisions anew. */
  add(revision: number, timeUs: number): void {
    const kept = this.revisions.countBelow(revision);
    this.revisions.cut(kept);
    this.timesUs.cut(kept);
    this.revisions.push(revision);
    this.timesUs.push(timeUs);
  }

  /** 0 for what was there when the replay began. */
  timeOf(revision: number): number {
    const place = this.revisions.countBelow(revision);
    return this.revisions.at(place) === revision ? this.timesUs.at(place)! : 0;
  }

  /** The newest revision that was committed up to a time; 0 before the first commit. */
  revisionAt(timeUs: number): number {
    return this.revisions.at(this.timesUs.countBelow(timeUs + 1) - 1) ?? 0;
  }
}
