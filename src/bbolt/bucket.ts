// A bucket is an ordered table of keys and values. It lies in a tree of pages or, while it is small, in an inline page
// within the value of its own header. This file follows bbolt's bucket.go. The header of a bucket is the value of a
// leaf element: root page id u64, sequence u64. A root page id of 0 means that the inline page follows.
//
// Differs from bbolt: reading pairs refuses a bucket among them, and reading buckets refuses a pair. etcd never mixes
// the two, and skipping would hide a record that lost or gained a flag.

import type { ByteRange } from '../bytes/byte-range.js';
import { corrupt, describeKey } from './damage.js';
import { LeafCursor, type PageVisitor, type Root } from './leaf-cursor.js';
import { LeafPage } from './leaf-page.js';
import { decodeInlineHeader } from './page-header.js';
import type { PageReader } from './page-reader.js';
import type { ReachedPages } from './reached-pages.js';
import { type TreeStep, walkTree } from './tree-walk.js';
import { readU64LE } from './u64.js';

const BUCKET_HEADER_BYTES = 16;

/** A key and its value. Both are slices of a page, and keep all of it in memory: copy what is kept for long. */
export interface Pair {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** The elements [from, to) of a leaf page. */
interface LeafSlice {
  readonly page: LeafPage;
  readonly from: number;
  readonly to: number;
}

export class Bucket {
  constructor(
    private readonly pages: PageReader,
    private readonly root: Root | LeafPage,
    readonly sequence: bigint,
  ) {}

  /** Returns the same bucket, read by another reader. */
  in(pages: PageReader): Bucket {
    return new Bucket(pages, this.root, this.sequence);
  }

  get inline(): boolean {
    return this.root instanceof LeafPage;
  }

  get(key: Buffer): Buffer | undefined {
    const found = this.find(key);
    if (found === undefined) return undefined;
    return pairAt(found.page, found.from).value;
  }

  /** Yields the pairs in order. `onPage` is called for each page of the tree that is read for them. */
  *entries(range: ByteRange = {}, onPage?: PageVisitor): Iterable<Pair> {
    for (const { page, from, to } of this.slices(range, onPage)) {
      for (let i = from; i < to; i++) yield pairAt(page, i);
    }
  }

  /** Returns the pair with the greatest key within the range. */
  last({ gte, lt }: ByteRange = {}): Pair | undefined {
    const cursor = this.cursor();
    for (let page = cursor?.seekBelow(lt) ?? this.inlinePage(); page !== undefined; page = cursor?.previous()) {
      const index = (lt === undefined ? page.count : page.lowerBound(lt)) - 1;
      if (index < 0) continue;
      return gte === undefined || page.compareKey(index, gte) >= 0 ? pairAt(page, index) : undefined;
    }
    return undefined;
  }

  /** Returns the number of keys. Reads all leaf pages. */
  size(): number {
    let size = 0;
    for (const page of this.leaves()) size += page.count;
    return size;
  }

  bucket(name: Buffer): Bucket | undefined {
    const found = this.find(name);
    return found === undefined ? undefined : bucketAt(this.pages, found.page, found.from);
  }

  *buckets(): Iterable<[name: Buffer, bucket: Bucket]> {
    for (const page of this.leaves()) {
      for (let i = 0; i < page.count; i++) yield [page.key(i), bucketAt(this.pages, page, i)];
    }
  }

  /** Yields the names of the buckets within, and their root pages, 0 for an inline one, without a look at the buckets. */
  *children(): Iterable<{ name: string; pgid: number }> {
    for (const page of this.leaves()) {
      for (let i = 0; i < page.count; i++) {
        const header = page.value(i);
        if (!page.isBucket(i) || header.length < BUCKET_HEADER_BYTES) continue;
        yield { name: page.key(i).toString('latin1'), pgid: readU64LE(header, 0) };
      }
    }
  }

  /** Gives every leaf page in order. `onPage` is called for each page of the tree; an inline bucket has none. */
  *leaves(onPage?: PageVisitor): Iterable<LeafPage> {
    const cursor = this.cursor(this.pages.following(), onPage);
    for (let page = cursor?.seek() ?? this.inlinePage(); page !== undefined; page = cursor?.next()) yield page;
  }

  /** Goes through all pages, also behind damage. An inline page is a page of no tree. */
  *walk(reached: ReachedPages): Iterable<TreeStep> {
    const { root } = this;
    if (!(root instanceof LeafPage)) yield* walkTree(this.pages, root, reached);
    else yield { kind: 'page', page: root, depth: 1, isInOrder: true, isFirst: true };
  }

  private *slices({ gte, lt }: ByteRange, onPage?: PageVisitor): Iterable<LeafSlice> {
    const cursor = this.cursor(this.pages.following(), onPage);
    let from = gte;
    for (let page = cursor?.seek(gte) ?? this.inlinePage(); page !== undefined; page = cursor?.next()) {
      const to = lt === undefined ? page.count : page.lowerBound(lt);
      yield { page, from: from === undefined ? 0 : page.lowerBound(from), to };
      if (to < page.count) return;
      // The leaf that holds `gte` may end below it; every leaf behind that one lies above.
      from = undefined;
    }
  }

  private find(key: Buffer): LeafSlice | undefined {
    const page = this.cursor()?.seek(key) ?? this.inlinePage();
    if (page === undefined) return undefined;
    const from = page.lowerBound(key);
    return from < page.count && page.compareKey(from, key) === 0 ? { page, from, to: from + 1 } : undefined;
  }

  private cursor(pages = this.pages, onPage?: PageVisitor): LeafCursor | undefined {
    return this.root instanceof LeafPage ? undefined : new LeafCursor(pages, this.root, onPage);
  }

  private inlinePage(): LeafPage | undefined {
    return this.root instanceof LeafPage ? this.root : undefined;
  }
}

function pairAt(page: LeafPage, index: number): Pair {
  if (page.isBucket(index)) {
    throw corrupt(`${page.describeElement(index)}: ${describeKey(page.key(index))} is a bucket, expected a value`);
  }
  return { key: page.key(index), value: page.value(index) };
}

/** Returns the bucket whose header is the value of an element. Throws CORRUPT. */
export function bucketAt(pages: PageReader, page: LeafPage, index: number): Bucket {
  const where = page.describeElement(index);
  const name = describeKey(page.key(index));
  if (!page.isBucket(index)) throw corrupt(`${where}: ${name} is a value, expected a bucket`);
  const value = page.value(index);
  if (value.length < BUCKET_HEADER_BYTES) {
    throw corrupt(`${where}: the header of bucket ${name} has ${value.length} bytes, expected ${BUCKET_HEADER_BYTES}`);
  }
  const pgid = readU64LE(value, 0);
  const sequence = value.readBigUInt64LE(8);
  if (pgid === 0) return new Bucket(pages, inlinePageAt(page, index), sequence);
  if (value.length > BUCKET_HEADER_BYTES) {
    throw corrupt(`${where}: bucket ${name} has both a root page ${pgid} and an inline page`);
  }
  return new Bucket(pages, { pgid, from: { page, index } }, sequence);
}

function inlinePageAt(page: LeafPage, index: number): LeafPage {
  const bytes = page.value(index).subarray(BUCKET_HEADER_BYTES);
  const { pgid, offset } = page.place;
  const place = { pgid, offset: offset + page.valueStart(index) + BUCKET_HEADER_BYTES, inline: true };
  const { count } = decodeInlineHeader(bytes, place);
  const inline = new LeafPage(place, bytes, count);
  if (inline.contentBytes !== bytes.length) {
    throw corrupt(
      `${page.describeElement(index)}: the inline page of ${describeKey(page.key(index))} has ${bytes.length} bytes, ` +
        `expected ${inline.contentBytes}`,
    );
  }
  return inline;
}
