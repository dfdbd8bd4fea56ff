// A TreeWriter builds the tree of a bucket from below, in one pass over its pairs in the order of their keys:
//
//   leaf pages     each is written when it is full
//   branch pages   the first key and the id of each page that was written wait on the level above, until they fill a page
//
// At the end each level writes what is left, and the only page of the highest level is the root. In memory are the pairs
// of one leaf, and for each level the elements of one page.
//
// Differs from bbolt: it fills pages to the end, since what is read here is seldom changed, and it grows a run of
// overflow pages only while more than a quarter of it would be left empty.

import assert from 'node:assert';
import { PAGE_HEADER_BYTES } from './page-header.js';
import type { PageOutput } from './page-output.js';
import {
  type BranchElement,
  branchElementBytes,
  bucketHeader,
  inlineBucket,
  type LeafElement,
  leafElementBytes,
  writeBranchPage,
  writeLeafPage,
} from './write-page.js';

/** bbolt merges a branch page that has fewer children with the one beside it. */
const MIN_CHILDREN = 2;

/** The part of a page that a bucket may take to be written inline. */
const INLINE_PART = 1 / 4;

/** The part of a run of pages that makes it full when the next pair needs another page. */
const FULL_PART = 3 / 4;

/** The branch pages of one level, of which the last is not written yet. */
class BranchLevel {
  private elements: BranchElement[] = [];
  private contentBytes = PAGE_HEADER_BYTES;

  constructor(
    private readonly output: PageOutput,
    private readonly onPage: (page: BranchElement) => void,
  ) {}

  add(element: BranchElement): void {
    this.elements.push(element);
    this.contentBytes += branchElementBytes(element);
    const spare = this.elements.length - MIN_CHILDREN;
    if (this.contentBytes > this.output.pageSize && spare >= MIN_CHILDREN) this.writePage(spare);
  }

  /** Returns the only page below, if there is no other; writes the last page if there are. */
  end(): BranchElement | undefined {
    if (this.elements.length === 1) return this.elements[0];
    this.writePage(this.elements.length);
    return undefined;
  }

  private writePage(count: number): void {
    const written = this.elements.splice(0, count);
    const bytes = written.reduce((sum, element) => sum + branchElementBytes(element), PAGE_HEADER_BYTES);
    const run = this.output.run(bytes);
    writeBranchPage(run.bytes, run.pgid, run.overflow, written);
    this.contentBytes -= bytes - PAGE_HEADER_BYTES;
    this.onPage({ key: written[0]!.key, pgid: run.pgid });
  }
}

export class TreeWriter {
  private elements: LeafElement[] = [];
  private contentBytes = PAGE_HEADER_BYTES;
  private readonly levels: BranchLevel[] = [];
  private lastKey: Buffer | undefined;

  constructor(private readonly output: PageOutput) {}

  /** Adds an element, whose key has to be above all before it. */
  add(element: LeafElement): void {
    const { key } = element;
    assert(key.length > 0, 'bbolt has no empty keys');
    assert(this.lastKey === undefined || key.compare(this.lastKey) > 0, 'the keys ascend');
    this.lastKey = key;
    const bytes = leafElementBytes(element);
    if (this.elements.length > 0 && this.isFull(bytes)) this.writeLeaf();
    this.elements.push(element);
    this.contentBytes += bytes;
  }

  /** Writes what is left, and returns the value of the bucket's name. */
  endBucket(): Buffer {
    const isSmall = this.contentBytes <= this.output.pageSize * INLINE_PART;
    if (this.levels.length === 0 && isSmall) return inlineBucket(this.elements, this.contentBytes);
    return bucketHeader(this.endRoot());
  }

  /** Writes what is left, and returns the root page. */
  endRoot(): number {
    if (this.elements.length > 0 || this.levels.length === 0) this.writeLeaf();
    for (let level = 0; ; level++) {
      const root = this.levels[level]!.end();
      if (root !== undefined) return root.pgid;
    }
  }

  /** Tells whether an element of `bytes` bytes belongs on the next leaf. */
  private isFull(bytes: number): boolean {
    const { pageSize } = this.output;
    const runBytes = Math.ceil(this.contentBytes / pageSize) * pageSize;
    return this.contentBytes + bytes > runBytes && this.contentBytes >= runBytes * FULL_PART;
  }

  private writeLeaf(): void {
    const run = this.output.run(this.contentBytes);
    writeLeafPage(run.bytes, run.pgid, run.overflow, this.elements);
    // The keys may be slices of large buffers, which must not be kept for one of them.
    this.addPage(0, { key: Buffer.from(this.elements[0]?.key ?? ''), pgid: run.pgid });
    this.elements = [];
    this.contentBytes = PAGE_HEADER_BYTES;
  }

  private addPage(level: number, page: BranchElement): void {
    this.levels[level] ??= new BranchLevel(this.output, (above) => this.addPage(level + 1, above));
    this.levels[level].add(page);
  }
}
