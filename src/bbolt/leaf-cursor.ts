// A LeafCursor walks a tree from leaf page to leaf page, in order of keys. On its way it checks that the keys of every
// page lie between the key that leads to the page and the key that leads to the next. So no page can come twice, unless
// all its elements were cleared. This file follows bbolt's cursor.go.

import type { BranchPage } from './branch-page.js';
import { corruptAt, describeKey, describePlace } from './damage.js';
import { LeafPage } from './leaf-page.js';
import type { PageReader, Reference } from './page-reader.js';

/** If each branch had only two children, all possible page ids would need fewer levels than this. */
const MAX_DEPTH = 64;

/** A branch page on the way to the leaf: the child that was taken, and a key that is above all keys of the branch. */
interface Step {
  readonly page: BranchPage;
  readonly upper: Buffer | undefined;
  index: number;
}

/** The root of a tree: its page id, and the element that names it. */
export interface Root {
  readonly pgid: number;
  readonly from: Reference | undefined;
}

export type PageVisitor = (page: BranchPage | LeafPage, depth: number) => void;

export class LeafCursor {
  private path: Step[] = [];

  /** `onPage` is called for each page, before its children; the root has depth 1. */
  constructor(
    private readonly pages: PageReader,
    private readonly root: Root,
    private readonly onPage?: PageVisitor,
  ) {}

  /** Goes to the only leaf that may hold `key`, or to the first leaf. */
  seek(key?: Buffer): LeafPage {
    this.path = [];
    return this.descend(key === undefined ? () => 0 : (page) => page.childFor(key));
  }

  /** Goes to the last leaf that may hold keys below `key`, or to the last leaf. */
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

  /** Loads the child that a step points to; the root if there is no step. */
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

/**
 * Throws CORRUPT unless a child has keys, and all of them lie within the bounds that its parent sets. bbolt takes a page
 * without keys out of the tree, unless it is the root.
 */
function checkBounds(page: BranchPage | LeafPage, parent: Step): void {
  const by = `${describePlace(parent.page.place)}, element ${parent.index}`;
  if (page.count === 0) {
    if (page.isCleared) return;
    throw corruptAt(page.place, `a leaf page without elements, and ${by} leads to it: only a root page may be empty`);
  }
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
