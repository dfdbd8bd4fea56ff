// Walks a tree from leaf to leaf, in order of keys, and checks on its way that every page's keys lie between the keys
// that lead to it and to its right neighbour. So no page can come twice, unless it is empty. Follows bbolt's cursor.go.

import type { BranchPage } from './branch-page.js';
import { corruptAt, describeKey, describePlace } from './damage.js';
import { LeafPage } from './leaf-page.js';
import type { PageReader, Reference } from './page-reader.js';

/** With two children a branch, the whole range of page ids would need fewer levels. */
const MAX_DEPTH = 64;

/** A branch on the way to the leaf: which child was taken, and the key that all of its keys are below. */
interface Step {
  readonly page: BranchPage;
  readonly upper: Buffer | undefined;
  index: number;
}

/** Where a tree starts: a page id, and the element that names it. */
export interface Root {
  readonly pgid: number;
  readonly from: Reference | undefined;
}

export type PageVisitor = (page: BranchPage | LeafPage, depth: number) => void;

export class LeafCursor {
  private path: Step[] = [];

  /** `onPage` sees each page before its children; the root has depth 1. */
  constructor(
    private readonly pages: PageReader,
    private readonly root: Root,
    private readonly onPage?: PageVisitor,
  ) {}

  /** The leaf that holds `key` if any does; without a key, the first leaf. */
  seek(key?: Buffer): LeafPage {
    this.path = [];
    return this.descend(key === undefined ? () => 0 : (page) => page.childFor(key));
  }

  /** The last leaf that may hold keys below `key`; without a key, the last leaf. */
  seekBelow(key?: Buffer): LeafPage {
    this.path = [];
    return this.descend(key === undefined ? (page) => page.count - 1 : (page) => page.childBelow(key));
  }

  next(): LeafPage | undefined {
    for (let step = this.path.at(-1); step !== undefined; step = this.path.at(-1)) {
      if (step.index + 1 < step.page.count) {
        step.index++;
        return this.descend(() => 0);
      }
      this.path.pop();
    }
    return undefined;
  }

  previous(): LeafPage | undefined {
    for (let step = this.path.at(-1); step !== undefined; step = this.path.at(-1)) {
      if (step.index > 0) {
        step.index--;
        return this.descend((page) => page.count - 1);
      }
      this.path.pop();
    }
    return undefined;
  }

  /** Goes down from the end of the path to a leaf. */
  private descend(choose: (page: BranchPage) => number): LeafPage {
    for (;;) {
      const parent = this.path.at(-1);
      const page = this.enter(parent);
      this.onPage?.(page, this.path.length + 1);
      if (page instanceof LeafPage) return page;
      this.path.push({ page, index: choose(page), upper: parent === undefined ? undefined : upperKey(parent) });
    }
  }

  /** Loads the child that a step points to, or the root. */
  private enter(parent: Step | undefined): BranchPage | LeafPage {
    if (parent === undefined) return this.pages.load(this.root.pgid, this.root.from);
    const pgid = parent.page.child(parent.index);
    const ancestor = this.path.find((step) => step.page.place.pgid === pgid);
    if (ancestor !== undefined) {
      throw corruptAt(
        ancestor.page.place,
        `its own ancestor: ${parent.page.describeElement(parent.index)} points to it`,
      );
    }
    if (this.path.length >= MAX_DEPTH) {
      throw corruptAt(parent.page.place, `the tree is more than ${MAX_DEPTH} pages deep`);
    }
    const page = this.pages.load(pgid, parent);
    checkBounds(page, parent);
    return page;
  }
}

function upperKey({ page, index, upper }: Step): Buffer | undefined {
  return index + 1 < page.count ? page.key(index + 1) : upper;
}

/** Fails unless all keys of the child lie within what its parent says of it. */
function checkBounds(page: BranchPage | LeafPage, parent: Step): void {
  if (page.count === 0) return;
  const by = `${describePlace(parent.page.place)}, element ${parent.index}`;
  const lower = parent.page.key(parent.index);
  if (page.compareKey(0, lower) < 0) {
    const first = describeKey(page.key(0));
    throw corruptAt(page.place, `its first key ${first} is below ${describeKey(lower)}, with which ${by} leads to it`);
  }
  const upper = upperKey(parent);
  if (upper !== undefined && page.compareKey(page.count - 1, upper) >= 0) {
    const last = describeKey(page.key(page.count - 1));
    throw corruptAt(
      page.place,
      `its last key ${last} is not below ${describeKey(upper)}, where the page next to it starts`,
    );
  }
}
