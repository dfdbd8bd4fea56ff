// When each revision of a replay was committed, and where the store stood at a time.

/** Where a value would stand in an ascending list: before all that are above it. */
function placeBehind(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class CommitTimes {
  /** Both ascending; revision i at time i. */
  private readonly revisions: number[] = [];
  private readonly timesUs: number[] = [];

  /** In order of time. A store that has gone back writes revisions anew. */
  add(revision: number, timeUs: number): void {
    while ((this.revisions[this.revisions.length - 1] ?? 0) >= revision) {
      this.revisions.pop();
      this.timesUs.pop();
    }
    this.revisions.push(revision);
    this.timesUs.push(timeUs);
  }

  /** 0 for what was there when the replay began. */
  timeOf(revision: number): number {
    const place = placeBehind(this.revisions, revision) - 1;
    return this.revisions[place] === revision ? this.timesUs[place]! : 0;
  }

  /** The newest revision that was committed up to a time; 0 before the first commit. */
  revisionAt(timeUs: number): number {
    return this.revisions[placeBehind(this.timesUs, timeUs) - 1] ?? 0;
  }
}
