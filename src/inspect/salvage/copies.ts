// The copies of records that a file has, each with its place: about 40 bytes a copy. The same record may have many, since
// a page is written anew whenever anything on it changes.

/** Where a copy is: in the tree that is read, in the tree of the older meta, or on a page that no tree leads to. */
export const RANK = { tree: 1, older: 2, stray: 3 } as const;

/** The record behind it in its page, or on the next page of its tree, is known. */
const NEXT_KNOWN = 1;

export interface Place {
  readonly offset: number;
  readonly keySize: number;
  readonly valueSize: number;
}

export interface AddedCopy extends Place {
  readonly main: number;
  readonly sub: number;
  readonly pgid: number;
  /** CRC-32C over its key and value. */
  readonly sum: number;
  readonly rank: number;
}

const FIRST_CAPACITY = 1024;

export class Copies {
  count = 0;
  private mains = new Float64Array(FIRST_CAPACITY);
  private offsets = new Float64Array(FIRST_CAPACITY);
  private subs = new Uint32Array(FIRST_CAPACITY);
  private valueSizes = new Uint32Array(FIRST_CAPACITY);
  private sums = new Uint32Array(FIRST_CAPACITY);
  private pgids = new Uint32Array(FIRST_CAPACITY);
  private keySizes = new Uint8Array(FIRST_CAPACITY);
  private ranks = new Uint8Array(FIRST_CAPACITY);
  private marks = new Uint8Array(FIRST_CAPACITY);

  /** Adds a copy and returns its number. The record behind it in its page is added next. */
  add({ main, sub, offset, keySize, valueSize, sum, pgid, rank }: AddedCopy): number {
    if (this.count === this.mains.length) this.grow();
    const i = this.count++;
    this.mains[i] = main;
    this.subs[i] = sub;
    this.offsets[i] = offset;
    this.keySizes[i] = keySize;
    this.valueSizes[i] = valueSize;
    this.sums[i] = sum;
    this.pgids[i] = pgid;
    this.ranks[i] = rank;
    return i;
  }

  private grow(): void {
    const longer = <T extends { set(from: T): void }>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const length = this.mains.length * 2;
    this.mains = longer(this.mains, new Float64Array(length));
    this.offsets = longer(this.offsets, new Float64Array(length));
    this.subs = longer(this.subs, new Uint32Array(length));
    this.valueSizes = longer(this.valueSizes, new Uint32Array(length));
    this.sums = longer(this.sums, new Uint32Array(length));
    this.pgids = longer(this.pgids, new Uint32Array(length));
    this.keySizes = longer(this.keySizes, new Uint8Array(length));
    this.ranks = longer(this.ranks, new Uint8Array(length));
    this.marks = longer(this.marks, new Uint8Array(length));
  }

  main(i: number): number {
    return this.mains[i]!;
  }

  sub(i: number): number {
    return this.subs[i]!;
  }

  revision(i: number): { readonly main: number; readonly sub: number } {
    return { main: this.mains[i]!, sub: this.subs[i]! };
  }

  place(i: number): Place {
    return { offset: this.offsets[i]!, keySize: this.keySizes[i]!, valueSize: this.valueSizes[i]! };
  }

  pgid(i: number): number {
    return this.pgids[i]!;
  }

  rank(i: number): number {
    return this.ranks[i]!;
  }

  /** Whether it is the empty record of a bumped revision. */
  isEmpty(i: number): boolean {
    return this.valueSizes[i] === 0;
  }

  knowsNext(i: number): boolean {
    return (this.marks[i]! & NEXT_KNOWN) !== 0;
  }

  setNextKnown(i: number): void {
    this.marks[i]! |= NEXT_KNOWN;
  }

  isSame(i: number, j: number): boolean {
    const sameSize = this.valueSizes[i] === this.valueSizes[j] && this.keySizes[i] === this.keySizes[j];
    return sameSize && this.sums[i] === this.sums[j];
  }

  compare(i: number, j: number): number {
    return this.mains[i]! - this.mains[j]! || this.subs[i]! - this.subs[j]!;
  }

  /** Returns the numbers of all copies in order of revisions; of one revision, the better come first. */
  sorted(): Uint32Array {
    const order = Uint32Array.from({ length: this.count }, (_, i) => i);
    const compare = (i: number, j: number) =>
      this.compare(i, j) || this.ranks[i]! - this.ranks[j]! || this.offsets[i]! - this.offsets[j]!;
    let isSorted = true;
    for (let at = 1; at < order.length && isSorted; at++) isSorted = compare(at - 1, at) < 0;
    return isSorted ? order : order.sort(compare);
  }
}
