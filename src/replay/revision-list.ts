// Revisions in ascending order, 8 bytes each.

const FIRST_CAPACITY = 16;

export class RevisionList {
  private revisions = new Float64Array(0);
  private length = 0;

  /** `revision` is not below the last. */
  push(revision: number): void {
    if (this.length === this.revisions.length) {
      const longer = new Float64Array(Math.max(2 * this.length, FIRST_CAPACITY));
      longer.set(this.revisions);
      this.revisions = longer;
    }
    this.revisions[this.length++] = revision;
  }

  /** How many are at or above a revision. */
  countFrom(revision: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.revisions[middle]! < revision) low = middle + 1;
      else high = middle;
    }
    return this.length - low;
  }
}
