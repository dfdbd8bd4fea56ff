// A TreeReader goes through one tree of an LMDB file and checks each page before it is used: what kind it is, that no
// page is younger than the one above it, and that its keys are within the bounds that the pages above it set. The pages
// must not change meanwhile: they belong to one commit. What was checked is remembered.

import type { DataFile } from './data-file.js';
import { isBelow } from './key-order.js';
import { type PageBytes, roomForPages } from './page-bytes.js';
import { NO_PAGE, type TableRecord } from './table-record.js';
import { type PagePlace, type TreeKind, TreePage } from './tree-page.js';

/** A branch on the way down, and which of its nodes was taken. */
interface Step {
  readonly branch: TreePage;
  readonly index: number;
}

/** A way from the root to a leaf. */
export interface Path {
  readonly steps: readonly Step[];
  readonly leaf: PagePlace;
}

export interface TreeOptions {
  readonly file: DataFile;
  readonly kind: TreeKind;
  readonly record: TableRecord;
  /** No page of the tree is of a later transaction. */
  readonly maxTxnId: number;
  /** The last page of the commit. */
  readonly lastPage: number;
}

/** Says which of a branch's nodes to follow. */
type Choose = (branch: TreePage) => number;

const toFirst: Choose = () => 0;
const toLast: Choose = (branch) => branch.count - 1;

/** The number of pages that are read at once where leaves follow each other in the file. */
const WINDOW_PAGES = 16;
const MAX_REMEMBERED_BRANCHES = 1024;
const MAX_REMEMBERED_LEAVES = 65_536;
/** What stands above the root. */
const NOTHING = -1;

export class TreeReader {
  private readonly branches = new Map<number, { readonly branch: TreePage; readonly above: number }>();
  /** The leaves that were checked, each with the page above it. There is one: a page has one place. */
  private readonly leaves = new Map<number, number>();
  /** The leaves that were checked last: keys that belong there need no second check. */
  private reached: PagePlace | undefined;
  private reachedAround: PagePlace | undefined;
  /** Leaves that were read at once, ahead of being checked. */
  private readonly window: { first: number; pages: number; room: PageBytes | undefined } = {
    first: 0,
    pages: 0,
    room: undefined,
  };
  /** The bytes of the leaf that is being checked. */
  private readonly spare: PageBytes;

  constructor(readonly options: TreeOptions) {
    this.spare = roomForPages(1, options.file.pageSize);
  }

  get isEmpty(): boolean {
    return this.options.record.root === NO_PAGE;
  }

  /** Checks the pages from the root of a tree that has one to the leaf where a key is or would be. */
  pathTo(key: Buffer): Path {
    return this.descend((branch) => branch.indexOf(key));
  }

  /** Checks the pages that LMDB reads to look up a key. */
  reach(key: Buffer): void {
    if (this.isEmpty || isWithin(key, this.reached)) return;
    this.reached = this.pathTo(key).leaf;
  }

  /** Checks the pages that LMDB may read or change to write a key, or to find the one before it. */
  reachAround(key: Buffer): void {
    if (this.isEmpty || isWithin(key, this.reachedAround)) return;
    const path = this.pathTo(key);
    this.neighbour(path, -1);
    this.neighbour(path, 1);
    this.checkBeside(path);
    this.reachedAround = path.leaf;
  }

  /** Checks the pages that LMDB reads to find the last key. */
  reachLast(): void {
    if (!this.isEmpty) this.descend(toLast);
  }

  pathToFirst(): Path {
    return this.descend(toFirst);
  }

  private descend(choose: Choose): Path {
    return this.descendFrom([], this.rootPlace(), NOTHING, choose);
  }

  /** Goes on from a page to a leaf. */
  private descendFrom(steps: Step[], from: PagePlace, fromAbove: number, choose: Choose): Path {
    let place = from;
    let above = fromAbove;
    while (!place.isLeaf) {
      const branch = this.branch(place, above);
      const index = choose(branch);
      steps.push({ branch, index });
      place = this.childPlace(branch, index, steps.length);
      above = branch.place.page;
    }
    this.checkLeaf(place, above);
    return { steps, leaf: place };
  }

  /** Checks the way to the leaf before or after, and returns it; undefined if there is none. */
  neighbour({ steps }: Path, direction: -1 | 1): Path | undefined {
    for (let level = steps.length - 1; level >= 0; level--) {
      const { branch, index } = steps[level]!;
      const next = index + direction;
      if (next >= 0 && next < branch.count) {
        return this.pathBeside(steps, level, next, direction === 1 ? toFirst : toLast);
      }
    }
    return undefined;
  }

  /** Returns the way to the next leaf, as one of many: leaves that follow each other in the file are read at once. */
  nextOfMany(path: Path): Path | undefined {
    const step = path.steps.at(-1);
    if (step !== undefined && step.index + 1 < step.branch.count) this.readAhead(step.branch, step.index + 1);
    return this.neighbour(path, 1);
  }

  private readAhead(branch: TreePage, index: number): void {
    const { file } = this.options;
    const first = branch.child(index);
    if (this.leaves.has(first) || this.isInWindow(first)) return;
    let pages = 1;
    while (pages < WINDOW_PAGES && index + pages < branch.count && branch.child(index + pages) === first + pages)
      pages++;
    const { window } = this;
    window.room ??= roomForPages(WINDOW_PAGES, file.pageSize);
    window.pages = 0;
    file.readPages(window.room.bytes, first, pages * file.pageSize);
    window.first = first;
    window.pages = pages;
  }

  private isInWindow(page: number): boolean {
    const { first, pages } = this.window;
    return page >= first && page < first + pages;
  }

  private pathBeside(steps: readonly Step[], level: number, index: number, choose: Choose): Path {
    const { branch } = steps[level]!;
    const place = this.childPlace(branch, index, level + 1);
    const shared = steps.slice(0, level);
    shared.push({ branch, index });
    return this.descendFrom(shared, place, branch.place.page, choose);
  }

  /** Checks all that LMDB may join with the pages of a path, or read on the way: what is beside each of them. */
  checkBeside({ steps }: Path): void {
    for (let level = steps.length - 1; level >= 0; level--) {
      const { branch, index } = steps[level]!;
      for (const next of [index - 1, index + 1]) {
        if (next < 0 || next >= branch.count) continue;
        this.pathBeside(steps, level, next, toFirst);
        this.pathBeside(steps, level, next, toLast);
      }
    }
  }

  rootPlace(): PagePlace {
    const { record, maxTxnId } = this.options;
    return { page: record.root, isLeaf: record.depth === 1, maxTxnId, lower: undefined, upper: undefined };
  }

  /** Returns the place under a node of a branch, which is on the given level; the children of the root are on level 1. */
  childPlace(branch: TreePage, index: number, level: number): PagePlace {
    const { place, count, txnId } = branch;
    return {
      page: branch.child(index),
      isLeaf: level + 1 === this.options.record.depth,
      maxTxnId: txnId,
      lower: index === 0 ? place.lower : branch.key(index),
      upper: index === count - 1 ? place.upper : branch.key(index + 1),
    };
  }

  /** Reads and checks a page. It stays as it is. */
  read(place: PagePlace): TreePage {
    const { file, kind, lastPage } = this.options;
    const room = roomForPages(1, file.pageSize);
    file.readPages(room.bytes, place.page);
    return new TreePage(file, kind, place, room, 0, lastPage);
  }

  private branch(place: PagePlace, above: number): TreePage {
    const known = this.branches.get(place.page);
    if (known !== undefined) {
      if (known.above !== above) throw this.twice(place.page);
      return known.branch;
    }
    const branch = this.read(place);
    if (above === NOTHING) this.checkRoot(branch);
    if (this.branches.size === MAX_REMEMBERED_BRANCHES) this.branches.clear();
    this.branches.set(place.page, { branch, above });
    return branch;
  }

  private checkLeaf(place: PagePlace, above: number): void {
    const known = this.leaves.get(place.page);
    if (known !== undefined) {
      if (known !== above) throw this.twice(place.page);
      return;
    }
    const { file, kind, lastPage } = this.options;
    const isInWindow = this.isInWindow(place.page);
    if (!isInWindow) file.readPages(this.spare.bytes, place.page);
    const room = isInWindow ? this.window.room! : this.spare;
    const at = isInWindow ? (place.page - this.window.first) * file.pageSize : 0;
    const leaf = new TreePage(file, kind, place, room, at, lastPage);
    leaf.checkOverflows(lastPage);
    if (above === NOTHING) this.checkRoot(leaf);
    if (this.leaves.size === MAX_REMEMBERED_LEAVES) this.leaves.clear();
    this.leaves.set(place.page, above);
  }

  /** Checks the root of a low tree against the counts of its record: it may be a page as it was before. */
  private checkRoot({ count, place }: TreePage): void {
    const { file, record } = this.options;
    const [counted, what] = record.depth === 1 ? [record.entries, 'entries'] : [record.leafPages, 'leaves'];
    if (record.depth > 2 || counted === count) return;
    throw file.damage(place.page, 0, `it has ${count} ${what}, where the record of its tree says ${counted}`);
  }

  private twice(page: number) {
    return this.options.file.damage(page, 0, 'more than one page points to it');
  }
}

function isWithin(key: Buffer, place: PagePlace | undefined): boolean {
  if (place === undefined) return false;
  const { lower, upper } = place;
  return (lower === undefined || !isBelow(key, lower)) && (upper === undefined || isBelow(key, upper));
}
