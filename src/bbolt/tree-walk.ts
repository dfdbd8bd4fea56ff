// Walks through all pages of a tree, and behind damage goes on with the next page, so that all damage is found and all
// that can be read is read:
//
//   a page that cannot be read, or was reached before   what lies below it is left out
//   a page whose keys lie outside of its bounds         it and what lies below it are read, but are not in order: another
//                                                       page's pointer or a key in the page above is wrong

import { MvccwError } from '../errors.js';
import { BranchPage } from './branch-page.js';
import { corruptAt } from './damage.js';
import type { LeafPage } from './leaf-page.js';
import { FIRST_PAGE_BEHIND_METAS } from './meta.js';
import type { PageReader, Reference } from './page-reader.js';
import type { ReachedPages } from './reached-pages.js';
import { checkBounds, checkDepth, type Step, upperKey } from './tree-bounds.js';

/** The keys from `from` on; up to, but without, `to` if there is one. */
export interface KeyBounds {
  readonly from: Buffer;
  readonly to: Buffer | undefined;
}

export type TreeStep =
  | {
      readonly kind: 'page';
      readonly page: BranchPage | LeafPage;
      /** The root has depth 1. */
      readonly depth: number;
      /** Whether its keys lie where they belong: behind those of the leaves before. */
      readonly isInOrder: boolean;
      /** Whether no pointer has led to it before. */
      readonly isFirst: boolean;
    }
  | {
      readonly kind: 'damage';
      readonly error: MvccwError;
      /** Whether keys that may have been here are not read in order. */
      readonly isHole: boolean;
      /** Where the keys of a page belong, if it is not the root. */
      readonly bounds: KeyBounds | undefined;
    };

interface WalkStep extends Step {
  readonly isInOrder: boolean;
}

/** The root of a tree: its page id, and the element that names it. */
interface Root {
  readonly pgid: number;
  readonly from: Reference | undefined;
}

/** Yields each page before those below it, in the order of keys. */
export function* walkTree(pages: PageReader, root: Root, reached: ReachedPages): Iterable<TreeStep> {
  const path: WalkStep[] = [];
  yield* enter(pages, root, path, reached);
  for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
    step.index++;
    if (step.index === step.page.count) path.pop();
    else yield* enter(pages, { pgid: step.page.child(step.index), from: step }, path, reached);
  }
}

/** Reads the page that the path leads to. A branch becomes the end of the path. */
function* enter(pages: PageReader, { pgid, from }: Root, path: WalkStep[], reached: ReachedPages): Iterable<TreeStep> {
  const parent = path.at(-1);
  const belongs = parent?.isInOrder !== false;
  const boundsOf = () => parent && { from: parent.page.key(parent.index), to: upperKey(parent) };
  const page = attempt(() => {
    checkDepth(path);
    return pages.load(pgid, from);
  });
  if (page instanceof MvccwError) {
    const place = { pgid, offset: pgid * pages.meta.pageSize, inline: false };
    const isThere = pgid >= FIRST_PAGE_BEHIND_METAS && pgid < pages.meta.highWaterMark;
    const again = isThere && reached.add(place, 1, true) !== undefined;
    const error = again ? corruptAt(place, reachedAgain(pgid, from)) : page;
    yield { kind: 'damage', error, isHole: belongs, bounds: boundsOf() };
    return;
  }
  const misplaced = parent === undefined ? undefined : attempt(() => checkBounds(page, parent));
  if (misplaced !== undefined) {
    yield { kind: 'damage', error: misplaced, isHole: belongs, bounds: boundsOf() };
  }
  const isInOrder = belongs && misplaced === undefined;
  const count = page.bytes.length / pages.meta.pageSize;
  const isFirst = !reached.hasAny(page.place, count);
  const again = reached.add(page.place, count, isInOrder);
  if (again !== undefined) {
    const error = corruptAt(page.place, reachedAgain(again, from));
    yield { kind: 'damage', error, isHole: isInOrder, bounds: boundsOf() };
    return;
  }
  yield { kind: 'page', page, depth: path.length + 1, isInOrder, isFirst };
  if (!(page instanceof BranchPage)) return;
  const upper = parent === undefined || !isInOrder ? undefined : upperKey(parent);
  path.push({ page, index: -1, upper, isInOrder });
}

function reachedAgain(id: number, from: Reference | undefined): string {
  const by = from === undefined ? 'the meta' : from.page.describeElement(from.index);
  return `page ${id} is reached a second time, from ${by}`;
}

/** Returns what `body` returns, or the damage that it has met. */
function attempt<T>(body: () => T): T | MvccwError {
  try {
    return body();
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'CORRUPT') return error;
    throw error;
  }
}
