// The leaf pages of the tree that is read, in order, with the lowest revision that each may have. Where a branch page is
// lost, a hole stands for all that was below it.

import type { TreePart } from '../../bbolt/salvage/tree-parts.js';
import { decodeRevisionKey, isRevisionKey, type Revision } from '../../mvcc/revision.js';

/** What has become of a part. */
export interface TreeLeaf {
  readonly pgid: number;
  readonly lower: Revision;
  /** Says why it is lost; undefined for a leaf that may be read. */
  readonly lost: string | undefined;
  /** The copies of its first and its last record; undefined where they are not known to be these. */
  first: number | undefined;
  last: number | undefined;
  /** Whether it is sound and holds nothing, as the only page of an empty bucket. */
  isEmpty: boolean;
}

const LOWEST: Revision = { main: 0, sub: 0 };

export class KeyTree {
  readonly leaves: TreeLeaf[] = [];
  private readonly numberOf: Int32Array;

  constructor(pageCount: number) {
    this.numberOf = new Int32Array(pageCount);
  }

  add({ kind, pgid, lower, problem }: TreePart): void {
    const isFine = lower === undefined || isRevisionKey(lower);
    const lost = kind === 'lost' ? problem : isFine ? undefined : 'the key that leads to the page is no revision';
    const before = this.leaves.at(-1)?.lower ?? LOWEST;
    this.leaves.push({
      pgid,
      lower: lower === undefined ? LOWEST : isFine ? decodeRevisionKey(lower) : before,
      lost,
      first: undefined,
      last: undefined,
      isEmpty: false,
    });
    if (kind === 'leaf') this.numberOf[pgid] = this.leaves.length;
  }

  /** Makes the tree one inline page, whose first and last records are these. */
  addInline(pgid: number, first: number | undefined, last: number | undefined, isEmpty: boolean): void {
    this.leaves.push({ pgid, lower: LOWEST, lost: undefined, first, last, isEmpty });
  }

  /** Returns the leaf that is this page; undefined if none is. */
  leafAt(pgid: number): TreeLeaf | undefined {
    const number = this.numberOf[pgid]!;
    return number === 0 ? undefined : this.leaves[number - 1];
  }

  /** Returns the revision below which all records of a leaf are; undefined for the last one. */
  upperOf(leaf: TreeLeaf): Revision | undefined {
    return this.leaves[this.numberOf[leaf.pgid]!]?.lower;
  }

  /** Whether the first record of the tree is known, or that there is none. */
  get startsKnown(): boolean {
    const first = this.leaves[0];
    return first !== undefined && (first.first !== undefined || first.isEmpty);
  }

  /** Whether the last record of the tree is known, or that there is none. */
  get endsKnown(): boolean {
    const last = this.leaves.at(-1);
    return last !== undefined && (last.last !== undefined || last.isEmpty);
  }
}
