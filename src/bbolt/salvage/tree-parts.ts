// Walks the branch pages of a tree that may be damaged, and tells in order which leaf pages it has. A branch page that
// cannot be read takes with it all that is below; the others go on. bbolt's trees have all leaves at one depth, so that
// a leaf is told from a branch without a look at it.

import { MvccwError } from '../../errors.js';
import { BranchPage } from '../branch-page.js';
import type { PageReader } from '../page-reader.js';
import type { PageSet } from '../page-set.js';
import { LEAF_FLAG, readHead } from './page-head.js';

const MAX_DEPTH = 64;

export interface TreePart {
  /**
   * A leaf page, which was not read; or a branch page that cannot be, and all that was below it; or a branch page from
   * within which elements were taken off, before what it still leads to.
   */
  readonly kind: 'leaf' | 'lost' | 'cleared';
  readonly pgid: number;
  /** All keys below it are at or above this one; undefined for the first part of the tree. */
  readonly lower: Buffer | undefined;
  /** Says why it is lost. */
  readonly problem: string | undefined;
}

interface Walk {
  readonly reader: PageReader;
  /** The branch pages that were read, and all pages that were yielded. */
  readonly reached: PageSet;
  leafDepth: number | undefined;
}

/** Yields the parts of the tree below a root page. All its pages are added to `reached`. */
export function treeParts(reader: PageReader, root: number, reached: PageSet): Iterable<TreePart> {
  return partsBelow({ reader, reached, leafDepth: undefined }, root, undefined, 1);
}

function* partsBelow(walk: Walk, pgid: number, lower: Buffer | undefined, depth: number): Iterable<TreePart> {
  const { reader, reached } = walk;
  const lost = (problem: string): TreePart => ({ kind: 'lost', pgid, lower, problem });
  const outside = pgid < 2 || pgid >= reader.meta.highWaterMark;
  if (outside)
    return yield lost(`an element leads to page ${pgid}, and pages go from 2 to ${reader.meta.highWaterMark - 1}`);
  if (reached.has(pgid)) return yield lost(`page ${pgid} is reached a second time`);
  reached.add(pgid);
  if (depth === walk.leafDepth) return yield { kind: 'leaf', pgid, lower, problem: undefined };
  const page = loadOrProblem(walk, pgid, depth);
  if (page === 'leaf') return yield { kind: 'leaf', pgid, lower, problem: undefined };
  if (typeof page === 'string') return yield lost(page);
  if (lower !== undefined && page.compareKey(0, lower) < 0) {
    return yield lost(`${page.describeElement(0)}: its key is below the one that leads to the page`);
  }
  if (page.isCleared) yield { kind: 'cleared', pgid, lower, problem: undefined };
  for (let i = 0; i < page.count; i++) {
    yield* partsBelow(walk, page.child(i), i === 0 ? lower : page.key(i), depth + 1);
  }
}

/** Returns a branch page, `leaf`, or what is wrong. */
function loadOrProblem(walk: Walk, pgid: number, depth: number): BranchPage | string {
  const { reader } = walk;
  try {
    const page = reader.load(pgid);
    if (page instanceof BranchPage) return depth >= MAX_DEPTH ? 'the tree is too deep' : withClearedElements(page);
    if (walk.leafDepth !== undefined && depth !== walk.leafDepth)
      return `page ${pgid} is a leaf, where a branch belongs`;
    walk.leafDepth = depth;
    return 'leaf';
  } catch (error) {
    if (!(error instanceof MvccwError) || error.code !== 'CORRUPT') throw error;
    if (walk.leafDepth !== undefined) return error.message;
    const { source, meta } = reader;
    const offset = pgid * meta.pageSize;
    const head = readHead(source.read(offset, Math.min(meta.pageSize, source.sizeBytes - offset)), pgid);
    return head.flags === LEAF_FLAG || !head.fits ? 'leaf' : error.message;
  }
}

/** Returns a page with the elements that were taken off the end of its table: they are there, and lead to pages. */
function withClearedElements(page: BranchPage): BranchPage {
  const { place, bytes, count, clearedElements } = page;
  return clearedElements === 0 ? page : new BranchPage(place, bytes, count + clearedElements);
}
