// A TreeReader goes through one tree of an LMDB file and checks each page before it is used: what kind it is, that no
// page is younger than the one above it, and that its keys are within the bounds that the pages above it set. The pages
// must not change meanwhile: they belong to one commit. What was checked is remembered.

import type { DataFile } from './data-file.js';
import { isBelow } from './key-order.js';
import { LeafWindow } from './leaf-window.js';
import { roomForPages } from './page-bytes.js';
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

/** Called with the place of each leaf that a way leads to, and with the page above it. */
type OnLeaf = (place: PagePlace, above: number) => void;

const toFirst: Choose = () => 0;
const toLast: Choose = (branch) => branch.count - 1;

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
  /** The bytes of leaves that are being checked. */
  private readonly window: LeafWindow;
  /** The leaf that was read last for its entries. */
  private kept: TreePage | undefined;

  constructor(readonly options: TreeOptions) {
    this.window = new LeafWindow(options.file);
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

  private descend(choose: Choose, onLeaf: OnLeaf = this.onLeaf): Path {
    return this.descendFrom([], this.rootPlace(), NOTHING, choose, onLeaf);
  }

  /** Goes on from a page to a leaf. */
  private descendFrom(steps: Step[], from: PagePlace, fromAbove: number, choose: Choose, onLeaf: OnLeaf): Path {
    let place = from;
    let above = fromAbove;
    while (!place.isLeaf) {
      const branch = this.branch(place, above);
      const index = choose(branch);
      steps.push({ branch, index });
      place = this.childPlace(branch, index, steps.length);
      above = branch.place.page;
    }
    onLeaf(place, above);
    return { steps, leaf: place };
  }

  /** Checks the way to the leaf before or after, and returns it; undefined if there is none. */
  neighbour({ steps }: Path, direction: -1 | 1, onLeaf: OnLeaf = this.onLeaf): Path | undefined {
    for (let level = steps.length - 1; level >= 0; level--) {
      const { branch, index } = steps[level]!;
      const next = index + direction;
      if (next >= 0 && next < branch.count) {
        return this.pathBeside(steps, level, next, direction === 1 ? toFirst : toLast, onLeaf);
      }
    }
    return undefined;
  }

  /** Returns the way to the next leaf, as one of many. */
  nextOfMany(path: Path): Path | undefined {
    this.readAhead(path, this.window);
    return this.neighbour(path, 1);
  }

  private readAhead({ steps }: Path, window: LeafWindow): void {
    const step = steps.at(-1);
    if (step !== undefined && step.index + 1 < step.branch.count) window.readAhead(step.branch, step.index + 1);
  }

  /**
   * Yields the leaves, checked, from the one on where a key is or would be. Each is good until the next is asked for.
   */
  *leavesFrom(key: Buffer): Generator<TreePage, void, undefined> {
    if (this.isEmpty) return;
    let leaf: TreePage | undefined;
    let path: Path | undefined = this.descend(
      (branch) => branch.indexOf(key),
      (place, above) => {
        leaf = this.keep(place, above);
      },
    );
    let window: LeafWindow | undefined;
    while (path !== undefined) {
      yield leaf!;
      window ??= new LeafWindow(this.options.file);
      const within = window;
      this.readAhead(path, within);
      path = this.neighbour(path, 1, (place, above) => {
        leaf = this.checkedLeaf(place, above, within);
      });
    }
  }

  /** Reads a leaf and remembers it, as many short ranges may begin there. */
  private keep(place: PagePlace, above: number): TreePage {
    if (this.kept?.place.page !== place.page) {
      this.kept = this.read(place);
      this.kept.checkOverflows(this.options.lastPage);
    }
    this.remember(this.kept, above);
    return this.kept;
  }

  private pathBeside(
    steps: readonly Step[],
    level: number,
    index: number,
    choose: Choose,
    onLeaf: OnLeaf = this.onLeaf,
  ): Path {
    const { branch } = steps[level]!;
    const place = this.childPlace(branch, index, level + 1);
    const shared = steps.slice(0, level);
    shared.push({ branch, index });
    return this.descendFrom(shared, place, branch.place.page, choose, onLeaf);
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

  /** Checks a leaf, unless that was done. */
  private readonly onLeaf: OnLeaf = (place, above) => {
    const known = this.leaves.get(place.page);
    if (known === undefined) this.checkedLeaf(place, above, this.window);
    else if (known !== above) throw this.twice(place.page);
  };

  private checkedLeaf(place: PagePlace, above: number, window: LeafWindow): TreePage {
    const { file, kind, lastPage } = this.options;
    const { room, at } = window.bytesOf(place.page);
    const leaf = new TreePage(file, kind, place, room, at, lastPage);
    leaf.checkOverflows(lastPage);
    this.remember(leaf, above);
    return leaf;
  }

  private remember(leaf: TreePage, above: number): void {
    const { page } = leaf.place;
    const known = this.leaves.get(page);
    if (known !== undefined && known !== above) throw this.twice(page);
    if (above === NOTHING) this.checkRoot(leaf);
    if (this.leaves.size === MAX_REMEMBERED_LEAVES) this.leaves.clear();
    this.leaves.set(page, above);
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
