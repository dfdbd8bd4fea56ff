// Branch pages to which no tree leads still tell which leaves were neighbours: where a branch page has the leaves a and b
// side by side, the record behind the last one of a is the first one of b, which is the key of b in the branch. A page that
// was used again since does not begin with its key any more, and counts for nothing.

import type { BranchPage } from '../../bbolt/branch-page.js';
import { decodeRevisionKey, isRevisionKey, type Revision } from '../../mvcc/revision.js';
import type { Copies } from './copies.js';
import { compareRevisions } from './sound-records.js';

interface Hint {
  readonly child: number;
  readonly first: Revision;
  readonly next: Revision;
}

interface LastChild {
  readonly child: number;
  readonly first: Revision;
}

const MAX_DEPTH = 64;

export class BranchHints {
  private readonly hints: Hint[] = [];
  /** By branch page, its first key and its last child. */
  private readonly branches = new Map<number, { readonly first: Revision; readonly last: LastChild }>();
  private readonly leaves = new Map<number, { readonly first: number; readonly last: number }>();

  /** Takes a branch page of records. */
  addBranch(page: BranchPage): void {
    const keys = Array.from({ length: page.count }, (_, i) => page.key(i));
    if (!keys.every(isRevisionKey)) return;
    const revisions = keys.map(decodeRevisionKey);
    for (let i = 0; i + 1 < page.count; i++) {
      this.hints.push({ child: page.child(i), first: revisions[i]!, next: revisions[i + 1]! });
    }
    const last = { child: page.child(page.count - 1), first: revisions[page.count - 1]! };
    this.branches.set(page.place.pgid, { first: revisions[0]!, last });
  }

  /** Takes a leaf page whose first and last records are known. */
  addLeaf(pgid: number, first: number, last: number): void {
    this.leaves.set(pgid, { first, last });
  }

  /** Yields copies with the revisions that come next. */
  *nexts(copies: Copies): Iterable<[copy: number, next: Revision]> {
    for (const { child, first, next } of this.hints) {
      const leaf = this.lastLeaf({ child, first });
      const ends = leaf === undefined ? undefined : this.leaves.get(leaf.child);
      if (ends === undefined || compareRevisions(copies.revision(ends.first), leaf!.first) !== 0) continue;
      yield [ends.last, next];
    }
  }

  /** Returns the last leaf below a child, which is the child itself if it is a leaf. */
  private lastLeaf(from: LastChild): LastChild | undefined {
    let at = from;
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      const branch = this.branches.get(at.child);
      if (branch === undefined) return at;
      if (compareRevisions(branch.first, at.first) !== 0) return undefined;
      at = branch.last;
    }
    return undefined;
  }
}
