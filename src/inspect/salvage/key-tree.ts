// The leaf pages of the tree that is read, in order, with the lowest revision that each may have: 28 bytes a page. Where a
// branch page is lost, one entry stands for all that was below it.

import type { TreePart } from '../../bbolt/salvage/tree-parts.js';
import { decodeRevisionKey, isRevisionKey, type Revision } from '../../mvcc/revision.js';

const LOWEST: Revision = { main: 0, sub: 0 };
const FIRST_CAPACITY = 256;
const NONE = -1;

function longer<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}

export class KeyTree {
  count = 0;
  /** Whether it is sound and holds nothing. */
  isEmpty = false;
  /** The branch pages from within which elements were taken off: nobody can say where pages are missing. */
  readonly cleared: number[] = [];
  /** The id of a lost page may be any number. */
  private pgids = new Float64Array(FIRST_CAPACITY);
  private lowerMains = new Float64Array(FIRST_CAPACITY);
  private lowerSubs = new Uint32Array(FIRST_CAPACITY);
  private firsts = new Int32Array(FIRST_CAPACITY);
  private lasts = new Int32Array(FIRST_CAPACITY);
  /** By leaf, why it is lost. */
  private readonly losses = new Map<number, string>();
  /** By page, the number of the leaf, counted from 1. */
  private readonly numberOf: Int32Array;

  /** A part of a tree may have records before its first and behind its last. */
  constructor(
    pageCount: number,
    private readonly isPart: boolean,
  ) {
    this.numberOf = new Int32Array(pageCount);
  }

  add({ kind, pgid, lower, problem }: TreePart): void {
    if (kind === 'cleared') {
      this.cleared.push(pgid);
      return;
    }
    const isFine = lower === undefined || isRevisionKey(lower);
    const lost = kind === 'lost' ? problem : isFine ? undefined : 'the key that leads to the page is no revision';
    if (lost !== undefined) this.losses.set(this.count, lost);
    const before = this.count === 0 ? LOWEST : this.lower(this.count - 1);
    this.push(pgid, lower === undefined ? LOWEST : isFine ? decodeRevisionKey(lower) : before);
    if (kind === 'leaf') this.numberOf[pgid] = this.count;
  }

  /** Makes the tree one inline page, whose first and last records are these. */
  addInline(pgid: number, first: number | undefined, last: number | undefined, isEmpty: boolean): void {
    this.push(pgid, LOWEST);
    this.setEnds(0, first, last);
    this.isEmpty = isEmpty;
  }

  private push(pgid: number, lower: Revision): void {
    if (this.count === this.pgids.length) this.grow();
    const leaf = this.count++;
    this.pgids[leaf] = pgid;
    this.lowerMains[leaf] = lower.main;
    this.lowerSubs[leaf] = lower.sub;
    this.setEnds(leaf, undefined, undefined);
  }

  private grow(): void {
    const length = this.pgids.length * 2;
    this.pgids = longer(this.pgids, new Float64Array(length));
    this.lowerMains = longer(this.lowerMains, new Float64Array(length));
    this.lowerSubs = longer(this.lowerSubs, new Uint32Array(length));
    this.firsts = longer(this.firsts, new Int32Array(length));
    this.lasts = longer(this.lasts, new Int32Array(length));
  }

  /** Returns the number of the leaf that is this page; undefined if none is. */
  leafAt(pgid: number): number | undefined {
    const number = this.numberOf[pgid]!;
    return number === 0 ? undefined : number - 1;
  }

  pgid(leaf: number): number {
    return this.pgids[leaf]!;
  }

  /** Returns the revision below which no record of a leaf is. */
  lower(leaf: number): Revision {
    return { main: this.lowerMains[leaf]!, sub: this.lowerSubs[leaf]! };
  }

  /** Returns the revision below which all records of a leaf are; undefined for the last one. */
  upper(leaf: number): Revision | undefined {
    return leaf + 1 < this.count ? this.lower(leaf + 1) : undefined;
  }

  /** Yields the parts that are lost, with why. */
  lost(): Iterable<[leaf: number, why: string]> {
    return this.losses;
  }

  /** Whether no part of it is lost. Leaves may be damaged. */
  get isWhole(): boolean {
    return this.losses.size === 0;
  }

  /** Sets the copies of the first and the last record of a leaf, as far as they are known to be these. */
  setEnds(leaf: number, first: number | undefined, last: number | undefined): void {
    this.firsts[leaf] = first ?? NONE;
    this.lasts[leaf] = last ?? NONE;
  }

  first(leaf: number): number | undefined {
    const first = this.firsts[leaf] ?? NONE;
    return first === NONE ? undefined : first;
  }

  last(leaf: number): number | undefined {
    const last = this.lasts[leaf] ?? NONE;
    return last === NONE ? undefined : last;
  }

  /** The copy of the last record of the tree; undefined if it is not known. */
  get end(): number | undefined {
    return this.isPart ? undefined : this.last(this.count - 1);
  }

  /** Whether the first record of the tree is known, or that there is none. */
  get startsKnown(): boolean {
    return this.isEmpty || (!this.isPart && this.first(0) !== undefined);
  }

  /** Whether the last record of the tree is known, or that there is none. */
  get endsKnown(): boolean {
    return this.isEmpty || this.end !== undefined;
  }
}
