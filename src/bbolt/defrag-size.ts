// Reckons how large a file will be after etcd's defrag. That writes all pairs into a new file in order, and tells bbolt to
// fill pages up to nine tenths:
//
//   a page takes elements while it stays below the bound, but at least two;
//   what is left at the end goes into one page while it is below the size of a page;
//   a page that is too large for its two elements gets overflow pages;
//   a small bucket lies within the page that lists the buckets.
//
// This follows node.splitTwo and Bucket.inlineable in bbolt, and defragdb in etcd's backend.go. With real servers the
// number of pages came out exactly. It may be a few pages off: what else etcd keeps, as its consistent index, goes on.

import { PAGE_HEADER_BYTES } from './page-header.js';

const FILL = 0.9;
const MIN_ELEMENTS = 2;
const ELEMENT_BYTES = 16;
const BUCKET_HEADER_BYTES = 16;
/** The length of a revision key, which is the key of most branch elements. */
const BRANCH_KEY_BYTES = 17;
const META_PAGES = 2;
/** The copy is made in transactions of so many pairs. Each writes the last pages anew, and leaves the old ones free. */
const PAIRS_PER_TRANSACTION = 10_000;
const MIN_MAP_BYTES = 32 * 1024;
/** Above this, a file grows in steps of so many bytes. */
const GROWTH_BYTES = 16 * 1024 * 1024;

/** Packs elements into pages, and the pages under branch pages. */
class PackedTree {
  private pagesClosed = 0;
  private above: PackedTree | undefined;
  /** The sizes of the elements behind the last page that is closed, and of a page with all of them. */
  private open: number[] = [];
  private openBytes = PAGE_HEADER_BYTES;
  private added = 0;

  constructor(private readonly pageSize: number) {}

  get isOnePage(): boolean {
    return this.pagesClosed === 0;
  }

  add(elementBytes: number): void {
    this.open.push(elementBytes);
    this.openBytes += elementBytes;
    if (this.isTooMuch) this.closeFirst(false);
    this.added++;
    if (this.added % PAIRS_PER_TRANSACTION === 0) this.commit();
  }

  /** Whether bbolt would split what is open. */
  private get isTooMuch(): boolean {
    return this.openBytes >= this.pageSize && this.open.length > 2 * MIN_ELEMENTS;
  }

  private commit(): void {
    while (this.isTooMuch) this.closeFirst(true);
  }

  /**
   * Closes the first page of what is open, at the element that would fill it beyond the bound. Where none of those does
   * that have two behind them, a page is closed only if nothing follows; bbolt then leaves three.
   */
  private closeFirst(isEnd: boolean): void {
    const bound = Math.floor(this.pageSize * FILL);
    let bytes = PAGE_HEADER_BYTES;
    for (let index = 0; index < this.open.length - MIN_ELEMENTS; index++) {
      const element = this.open[index]!;
      const isFull = index >= MIN_ELEMENTS && bytes + element > bound;
      if (isFull || (isEnd && index === this.open.length - MIN_ELEMENTS - 1)) {
        this.open.splice(0, index);
        this.openBytes -= bytes - PAGE_HEADER_BYTES;
        this.close(bytes);
        return;
      }
      bytes += element;
    }
  }

  private close(bytes: number): void {
    this.pagesClosed += Math.ceil(bytes / this.pageSize);
    this.above ??= new PackedTree(this.pageSize);
    this.above.add(ELEMENT_BYTES + BRANCH_KEY_BYTES);
  }

  /** Returns the number of pages. The bytes are those of the last leaf. */
  end(): { pages: number; bytes: number } {
    this.commit();
    const bytes = this.openBytes;
    const own = this.pagesClosed + Math.ceil(bytes / this.pageSize);
    if (this.above === undefined) return { pages: own, bytes };
    this.above.add(ELEMENT_BYTES + BRANCH_KEY_BYTES);
    return { pages: own + this.above.end().pages, bytes };
  }
}

export interface DefragSize {
  /** The number of pages below the high-water mark; times the page size, it is the size that etcd reports. */
  readonly pages: number;
  readonly bytes: number;
  /** The most that the file may be long. Some releases of bbolt take a power of two from the disk, or 16 MiB more. */
  readonly fileBytes: number;
}

export class DefragEstimate {
  private readonly trees = new Map<string, PackedTree>();
  private pairs = 0;

  constructor(private readonly pageSize: number) {}

  /** Adds a bucket, which may stay empty. */
  addBucket(name: string): void {
    if (!this.trees.has(name)) this.trees.set(name, new PackedTree(this.pageSize));
  }

  /** Adds the next pair of a bucket, by the bytes of its key and value. */
  addPair(bucket: string, bytes: number): void {
    this.addBucket(bucket);
    this.trees.get(bucket)!.add(ELEMENT_BYTES + bytes);
    this.pairs++;
  }

  size(): DefragSize {
    const { pageSize } = this;
    const root = new PackedTree(pageSize);
    let pages = META_PAGES;
    for (const [name, tree] of this.trees) {
      const { pages: own, bytes } = tree.end();
      const isInline = tree.isOnePage && bytes <= pageSize / 4;
      if (!isInline) {
        pages += own;
      }
      root.add(ELEMENT_BYTES + name.length + BUCKET_HEADER_BYTES + (isInline ? bytes : 0));
    }
    pages += root.end().pages;
    // A new file begins with a freelist and a leaf, which the first transaction leaves free. Later ones write some pages
    // anew, and take those that the one before has left.
    const transactions = Math.floor(this.pairs / PAIRS_PER_TRANSACTION) + 1;
    const freePages = transactions === 1 ? 2 : 4;
    pages += freePages;
    const bytes = pages * pageSize;
    return { pages, bytes, fileBytes: fileBytesOf(bytes + pageSize) };
  }
}

/** Returns how long bbolt makes a file for so many bytes. */
function fileBytesOf(bytes: number): number {
  if (bytes > GROWTH_BYTES) return bytes + GROWTH_BYTES;
  let mapped = MIN_MAP_BYTES;
  while (mapped < bytes) mapped *= 2;
  return mapped;
}
