// Goes through all pages of a file once, from the first to the last, and takes what is intact: the records of the tree
// that is read, those of pages to which no tree leads, and leases and marks of compaction from such pages.

import { PageSet } from '../../bbolt/page-set.js';
import { isTakenFrom, isZero, type LeafShape } from '../../bbolt/salvage/leaf-shape.js';
import { bucketsIn, entriesIn, type LooseFile } from '../../bbolt/salvage/loose-file.js';
import { BRANCH_FLAG, FREELIST_FLAG, LEAF_FLAG, readHead } from '../../bbolt/salvage/page-head.js';
import { PieceSource } from '../../bbolt/salvage/piece-source.js';
import { crc32c } from '../../bytes/crc32c.js';
import { formatRevision, type Revision } from '../../mvcc/revision.js';
import { BranchHints } from './branch-hints.js';
import { Copies, RANK } from './copies.js';
import { KeyTree } from './key-tree.js';
import type { Loss } from './loss.js';
import type { Root, Roots } from './roots.js';
import { SmallBuckets } from './small-buckets.js';
import { compareRevisions, type SoundRecord, type SoundRecords, soundRecords } from './sound-records.js';

export class FileScan {
  readonly copies = new Copies();
  readonly tree: KeyTree;
  readonly small = new SmallBuckets();
  /** The copy of the last record of the older tree, which was the last one of its time. */
  olderEnd: number | undefined;
  /** By the last copy of a leaf, the revision with which the page behind it begins, as branch pages say. */
  readonly nextByKey = new Map<number, Revision>();
  /** Whether all pages can be read, so that no leaf page is lost that nothing tells of. */
  isComplete = true;
  /** Undefined where the tree is whole. */
  private hints: BranchHints | undefined;
  private readonly pages: PieceSource;
  private readonly reached = new PageSet();
  private readonly older = new PageSet();
  private lastOlder = -1;

  constructor(
    private readonly file: LooseFile,
    private readonly roots: Roots,
  ) {
    this.pages = new PieceSource(file.source);
    this.tree = new KeyTree(file.pageCount, roots.newest?.isPart ?? false);
  }

  /** Scans the file. Yields what is damaged with the page at which the scan is. */
  *run(): Iterable<{ readonly pgid: number; readonly loss?: Loss }> {
    const { newest, older } = this.roots;
    if (newest !== undefined) this.walk(newest);
    this.walkOlder(older);
    const isWhole = this.roots.isNewest && this.tree.isWhole;
    if (!isWhole) this.hints = new BranchHints();
    for (const [leaf, why] of this.tree.lost()) yield { pgid: 0, loss: this.lostPart(leaf, why) };
    for (let pgid = 2; pgid < this.file.pageCount; ) {
      const leaf = this.tree.leafAt(pgid);
      if (leaf !== undefined) {
        const { losses, pages } = this.ownLeaf(leaf);
        for (const loss of losses) yield { pgid, loss };
        pgid += this.freePages(pgid, pages);
      } else {
        pgid += this.reached.has(pgid) ? 1 : this.freePages(pgid, this.strayPage(pgid));
      }
      yield { pgid };
    }
    this.link();
  }

  /** Finds the pages of the tree that is read. */
  private walk(root: Root): void {
    const { file, reached } = this;
    const key = root.buckets.get('key')!;
    // Where no root is left, the tree of records stands for it.
    if ('inline' in key || key.pgid !== root.pgid) file.bucketsAt(root.pgid, reached);
    this.small.read(file, root, reached);
    if ('inline' in key) this.addInline(key.inline);
    else for (const part of file.parts(key.pgid, reached)) this.tree.add(part);
  }

  private addInline(shape: LeafShape): void {
    const sound = soundRecords(shape);
    const added = this.add(shape, sound, RANK.tree);
    const { first, last } = added ?? {};
    const isEmpty = shape.isWhole && shape.count === 0;
    this.tree.addInline(shape.pgid, sound.startsKnown ? first : undefined, sound.endsKnown ? last : undefined, isEmpty);
  }

  private walkOlder(root: Root | undefined): void {
    const key = root?.buckets.get('key');
    if (key === undefined || 'inline' in key) return;
    for (const { kind, pgid } of this.file.parts(key.pgid)) {
      this.lastOlder = kind === 'leaf' ? pgid : -1;
      if (kind === 'leaf') this.older.add(pgid);
    }
  }

  private lostPart(leaf: number, why: string): Loss {
    const [pgid, lower] = [this.tree.pgid(leaf), this.tree.lower(leaf)];
    const offset = pgid * this.file.pageSize;
    const problem = `page ${pgid} (byte ${offset}), which leads to the records from ${formatRevision(lower)} on: ${why}`;
    return { kind: 'page', page: pgid, offset, problem };
  }

  /** Returns how many of the pages from one on can be passed over: none that the tree leads to. */
  private freePages(pgid: number, pages: number): number {
    for (let i = 1; i < pages; i++) if (this.reached.has(pgid + i)) return i;
    return Math.max(pages, 1);
  }

  /** Reads a leaf of the tree. Returns what is wrong with it, and how many pages it has. */
  private ownLeaf(leaf: number): { readonly losses: readonly Loss[]; readonly pages: number } {
    const { tree } = this;
    const shape = this.file.shapeAt(tree.pgid(leaf), undefined, this.pages);
    const sound = soundRecords(shape);
    const [lower, upper] = [tree.lower(leaf), tree.upper(leaf)];
    const isWithin = (record: Revision) =>
      compareRevisions(record, lower) >= 0 && (upper === undefined || compareRevisions(record, upper) < 0);
    const records = sound.records.filter(isWithin);
    const others = sound.records.filter((record) => !isWithin(record));
    const isEmpty = shape.isWhole && shape.count === 0 && tree.count === 1;
    if (isEmpty) tree.isEmpty = true;
    const isCleared = isTakenFrom(shape);
    const added = this.add(shape, { ...sound, records }, RANK.tree, !isCleared);
    if (others.length > 0 && shape.head.fits)
      this.add(shape, { ...sound, records: others, endsKnown: false }, RANK.stray);
    const isFirst = !isCleared && sound.startsKnown && records[0] === sound.records[0];
    const isLast = !isCleared && sound.endsKnown && records.at(-1) === sound.records.at(-1);
    tree.setEnds(leaf, isFirst ? added?.first : undefined, isLast ? added?.last : undefined);
    if (added !== undefined && isFirst && isLast) this.hints?.addLeaf(shape.pgid, added.first, added.last);
    // A root that no meta leads to may be old, and pages that it leads to may have been used again.
    const isReused = this.roots.newest!.isStray && shape.head.fits && shape.isWhole && records.length === 0;
    const losses = isEmpty || isReused ? [] : leafLosses(shape, sound, records, others);
    if (isCleared) losses.unshift(takenFrom(shape));
    if (isReused) this.addSmall(shape);
    return { losses, pages: shape.isWhole ? shape.runPages : this.pagesOf(records) };
  }

  /** Reads a page to which the tree does not lead. Returns how many pages it has. */
  private strayPage(pgid: number): number {
    const { file, pages } = this;
    const page = file.pageAt(pgid, pages);
    const head = readHead(page, pgid);
    if (!head.fits) {
      if (!isZero(page)) this.isComplete = false;
      return 1;
    }
    if (head.flags === FREELIST_FLAG && pgid === this.roots.newest?.freelist) return head.overflow + 1;
    if (head.flags === BRANCH_FLAG) this.strayBranch(pgid);
    if (head.flags !== LEAF_FLAG) return 1;
    const shape = file.shapeAt(pgid, (other) => this.reached.has(other), pages);
    const sound = soundRecords(shape);
    const added = this.add(shape, sound, this.older.has(pgid) ? RANK.older : RANK.stray);
    if (added !== undefined && sound.startsKnown && sound.endsKnown) this.hints?.addLeaf(pgid, added.first, added.last);
    if (sound.records.length === 0) this.addSmall(shape);
    if (!shape.isWhole) this.isComplete = false;
    return shape.isWhole ? shape.runPages : this.pagesOf(sound.records);
  }

  private strayBranch(pgid: number): void {
    if (this.hints === undefined) return;
    const branch = this.file.branchAt(pgid);
    if (branch !== undefined) this.hints.addBranch(branch);
  }

  private addSmall(shape: LeafShape): void {
    this.small.addStray(entriesIn([shape], 0).entries);
    for (const [name, place] of bucketsIn(shape)) {
      if (!('inline' in place)) continue;
      if (name === 'key') this.add(place.inline, soundRecords(place.inline), RANK.stray);
      else this.small.addStray(entriesIn([place.inline], 0).entries);
    }
  }

  private pagesOf(records: readonly SoundRecord[]): number {
    const end = records.reduce((most, { valueEnd }) => Math.max(most, valueEnd), 0);
    return Math.ceil(end / this.file.pageSize);
  }

  /**
   * Adds the records of a page; returns the numbers of the first and the last copy. Without `hasAll` nobody can say
   * whether there was a record between two of them.
   */
  private add(
    shape: LeafShape,
    { records, endsKnown }: SoundRecords,
    rank: number,
    hasAll = true,
  ): { first: number; last: number } | undefined {
    const { copies } = this;
    const first = copies.count;
    for (const [i, { main, sub, index, keyStart, keyEnd, valueEnd }] of records.entries()) {
      const number = copies.add({
        main,
        sub,
        offset: shape.offset + keyStart,
        keySize: keyEnd - keyStart,
        valueSize: valueEnd - keyEnd,
        sum: crc32c(shape.bytes.subarray(keyStart, valueEnd)),
        pgid: shape.pgid,
        rank,
      });
      if (hasAll && records[i + 1]?.index === index + 1) copies.setNextKnown(number);
    }
    if (records.length === 0) return undefined;
    const last = copies.count - 1;
    if (shape.pgid === this.lastOlder && endsKnown) this.olderEnd = last;
    return { first, last };
  }

  /** Marks the records behind which the next page of the tree begins. */
  private link(): void {
    for (let leaf = 0; leaf + 1 < this.tree.count; leaf++) {
      const last = this.tree.last(leaf);
      if (last === undefined) continue;
      if (this.tree.first(leaf + 1) !== undefined) this.copies.setNextKnown(last);
      else this.nextByKey.set(last, this.tree.lower(leaf + 1));
    }
    for (const [copy, next] of this.hints?.nexts(this.copies) ?? []) this.nextByKey.set(copy, next);
  }
}

function takenFrom({ pgid: page, offset }: LeafShape): Loss {
  const problem = `page ${page} (byte ${offset}): elements have been taken off from within it, and what they held may be lost`;
  return { kind: 'page', page, offset, problem };
}

/** Tells what is wrong with a leaf of the tree: `records` belong there, and `others` do not. */
function leafLosses(
  shape: LeafShape,
  { bad }: SoundRecords,
  records: readonly SoundRecord[],
  others: readonly SoundRecord[],
): Loss[] {
  const { pgid: page, offset, count, headProblem, isCountSure, isWhole } = shape;
  const tell = (problem: string, harmless: boolean): Loss => {
    return { kind: 'page', page, offset, problem: `page ${page} (byte ${offset}): ${problem}`, harmless };
  };
  if (isZero(shape.bytes)) return [tell('it is all zeros', false)];
  if (records.length === 0) return [tell(headProblem ?? 'nothing on it is a record that belongs there', false)];
  const losses = [
    ...bad.map(({ index, problem }) => badElement(shape, index, problem)),
    ...others.map((record) => badElement(shape, record.index, `revision ${formatRevision(record)} belongs elsewhere`)),
  ];
  const hasAll = isCountSure && records.length === count;
  if (headProblem !== undefined) losses.unshift(tell(headProblem, hasAll));
  else if (!isWhole && losses.length === 0) losses.push(tell('its data does not end where its elements say', hasAll));
  return losses;
}

function badElement({ pgid, offset }: LeafShape, index: number, problem: string): Loss {
  const at = offset + 16 * (index + 1);
  return { kind: 'record', page: pgid, offset: at, problem: `page ${pgid}, element ${index} (byte ${at}): ${problem}` };
}
