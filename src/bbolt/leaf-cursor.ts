// A LeafCursor walks a tree from leaf page to leaf page, in order of keys. On its way it checks that the keys of every
// page lie between the key that leads to the page and the key that leads to the next. So no page can come twice, unless
// all its elements were cleared. This file follows bbolt's cursor.go.

import type { BranchPage } from './branch-page.js';
import { corruptAt } from './damage.js';
import { LeafPage } from './leaf-page.js';
import type { PageReader, Reference } from './page-reader.js';
import { checkBounds, checkDepth, type Step, upperKey } from './tree-bounds.js';

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
    checkDepth(this.path);
    const page = this.pages.load(pgid, parent);
    checkBounds(page, parent);
    return page;
  }
}
