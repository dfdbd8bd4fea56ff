// The rules for a page of a tree: how deep it may lie, and between which keys all of its keys lie. They are bbolt's, and
// the same for whoever walks a tree.

import type { BranchPage } from './branch-page.js';
import { corruptAt, describeKey, describePlace } from './damage.js';
import type { LeafPage } from './leaf-page.js';

/** If each branch had only two children, all possible page ids would need fewer levels than this. */
const MAX_DEPTH = 64;

/** A branch page on the way to a leaf: the child that was taken, and a key that is above all keys of the branch. */
export interface Step {
  readonly page: BranchPage;
  readonly upper: Buffer | undefined;
  index: number;
}

/** Returns the key below which all keys of the child lie that a step has taken; undefined if nothing limits them. */
export function upperKey({ page, index, upper }: Step): Buffer | undefined {
  return index + 1 < page.count ? page.key(index + 1) : upper;
}

/** Throws CORRUPT if the page to which the path leads would lie too deep. */
export function checkDepth(path: readonly Step[]): void {
  const parent = path.at(-1);
  if (parent !== undefined && path.length >= MAX_DEPTH) {
    throw corruptAt(parent.page.place, `the tree is more than ${MAX_DEPTH} pages deep`);
  }
}

/**
 * Throws CORRUPT unless a child has keys, and all of them lie within the bounds that its parent sets. bbolt takes a page
 * without keys out of the tree, unless it is the root.
 */
export function checkBounds(page: BranchPage | LeafPage, parent: Step): void {
  const by = () => `${describePlace(parent.page.place)}, element ${parent.index}`;
  if (page.count === 0) {
    if (page.isCleared) return;
    throw corruptAt(page.place, `a leaf page without elements, and ${by()} leads to it: only a root page may be empty`);
  }
  const lower = parent.page.key(parent.index);
  if (page.compareKey(0, lower) < 0) {
    const first = describeKey(page.key(0));
    throw corruptAt(
      page.place,
      `its first key ${first} is below ${describeKey(lower)}, with which ${by()} leads to it`,
    );
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
