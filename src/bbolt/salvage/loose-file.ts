// A LooseFile is a bbolt file that is read without a meta that can be trusted: its pages by number, the buckets of a root
// page that is given, and the entries of small buckets, each of which is taken if it is intact.

import { MvccwError } from '../../errors.js';
import { BranchPage } from '../branch-page.js';
import type { Meta } from '../meta.js';

import { PageCache } from '../page-cache.js';
import { PageReader } from '../page-reader.js';
import { PageSet } from '../page-set.js';
import type { PageSource } from '../page-source.js';
import { readU64LE } from '../u64.js';
import { type ElementShape, elementsOf, type LeafShape, leafShapeAt } from './leaf-shape.js';
import { type TreePart, treeParts } from './tree-parts.js';

const BUCKET_FLAG = 1;
const BUCKET_HEADER_BYTES = 16;
const CACHE_BYTES = 8 * 1024 * 1024;
/** A header and an element. */
const MIN_REST_BYTES = 32;
/** The length of the SHA-256 behind the pages of a snapshot. */
const DIGEST_BYTES = 32;

/** Where a bucket is: its root page, or the inline page itself. */
export type BucketPlace = { readonly pgid: number } | { readonly inline: LeafShape };

export interface FoundBuckets {
  readonly buckets: ReadonlyMap<string, BucketPlace>;
  /** Whether there are no others. */
  readonly isWhole: boolean;
}

export interface LooseEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface LooseBucket {
  readonly entries: readonly LooseEntry[];
  /** The number of places at which entries may be missing. */
  readonly damages: number;
}

export class LooseFile {
  readonly pageCount: number;
  readonly reader: PageReader;

  constructor(
    readonly source: PageSource,
    readonly pageSize: number,
  ) {
    // The last page of a file that was cut is not whole. Less than a header, and a digest, are no page.
    const restBytes = source.sizeBytes % pageSize;
    const hasRest = restBytes >= MIN_REST_BYTES && restBytes !== DIGEST_BYTES;
    this.pageCount = Math.floor(source.sizeBytes / pageSize) + (hasRest ? 1 : 0);
    const meta: Meta = {
      place: { pgid: 0, offset: 0, inline: false },
      pageSize,
      root: 0,
      sequence: 0n,
      freelist: undefined,
      highWaterMark: this.pageCount,
      txid: 0,
    };
    this.reader = new PageReader(source, meta, new PageCache(CACHE_BYTES));
  }

  /** Returns the bytes of a page, which are fewer where the file ends in it. */
  pageAt(pgid: number, source: PageSource = this.source): Buffer {
    const offset = pgid * this.pageSize;
    return source.read(offset, Math.min(this.pageSize, source.sizeBytes - offset));
  }

  /** Reads a page as a leaf. Without `isTaken` it is one of the tree. */
  shapeAt(pgid: number, isTaken?: (pgid: number) => boolean, source: PageSource = this.source): LeafShape {
    const { pageSize, pageCount } = this;
    return leafShapeAt(source, pgid, { pageSize, pageCount, isTaken });
  }

  /** Returns a branch page; undefined for any other page, and one that is damaged. */
  branchAt(pgid: number): BranchPage | undefined {
    try {
      const page = this.reader.load(pgid);
      return page instanceof BranchPage ? page : undefined;
    } catch (error) {
      if (error instanceof MvccwError && error.code === 'CORRUPT') return undefined;
      throw error;
    }
  }

  parts(root: number, reached: PageSet = new PageSet()): Iterable<TreePart> {
    return treeParts(this.reader, root, reached);
  }

  /** Returns the buckets of the bucket that has this root page. Those that cannot be read are not among them. */
  bucketsAt(root: number, reached?: PageSet): FoundBuckets {
    const buckets = new Map<string, BucketPlace>();
    let isWhole = true;
    for (const { kind, pgid } of this.parts(root, reached)) {
      const shape = kind === 'leaf' ? this.shapeAt(pgid) : undefined;
      const found = shape === undefined ? [] : [...bucketsIn(shape)];
      if (!shape?.isWhole || found.length < shape.count) isWhole = false;
      for (const [name, place] of found) buckets.set(name, place);
    }
    return { buckets, isWhole };
  }

  /** Returns the entries of a bucket. */
  entriesAt(place: BucketPlace, reached?: PageSet): LooseBucket {
    if ('inline' in place) return entriesIn([place.inline], 0);
    const shapes: LeafShape[] = [];
    let lost = 0;
    for (const part of this.parts(place.pgid, reached)) {
      if (part.kind === 'leaf') shapes.push(this.shapeAt(part.pgid));
      else lost++;
    }
    return entriesIn(shapes, lost);
  }
}

/** Returns an inline page, which lies in a page of the file at `start`. Its own id is 0. */
function inlineShape({ pgid, offset }: LeafShape, inline: Buffer, start: number): LeafShape {
  const source = {
    sizeBytes: inline.length,
    read: (from: number, length: number) => inline.subarray(from, from + length),
  };
  const shape = leafShapeAt(source, 0, { pageSize: inline.length, pageCount: 1, isTaken: undefined });
  return { ...shape, pgid, offset: offset + start };
}

/** Yields the buckets among the elements of a leaf page. */
export function* bucketsIn(shape: LeafShape): Iterable<[name: string, place: BucketPlace]> {
  for (const element of confirmed(shape)) {
    if ((element.flags & BUCKET_FLAG) === 0) continue;
    const name = shape.bytes.toString('latin1', element.keyStart, element.keyEnd);
    const header = shape.bytes.subarray(element.keyEnd, element.valueEnd);
    if (header.length < BUCKET_HEADER_BYTES || !/^[a-zA-Z_]+$/.test(name)) continue;
    const pgid = readU64LE(header, 0);
    const inline = header.subarray(BUCKET_HEADER_BYTES);
    if (pgid > 0 && inline.length === 0) yield [name, { pgid }];
    if (pgid === 0 && inline.length >= BUCKET_HEADER_BYTES) {
      yield [name, { inline: inlineShape(shape, inline, element.keyEnd + BUCKET_HEADER_BYTES) }];
    }
  }
}

/** Yields the entries of leaf pages; buckets are none. */
export function entriesIn(shapes: readonly LeafShape[], lost: number): LooseBucket {
  const entries: LooseEntry[] = [];
  let damages = lost;
  for (const shape of shapes) {
    const before = entries.length;
    for (const { flags, keyStart, keyEnd, valueEnd } of confirmed(shape)) {
      if ((flags & BUCKET_FLAG) !== 0) continue;
      entries.push({ key: shape.bytes.subarray(keyStart, keyEnd), value: shape.bytes.subarray(keyEnd, valueEnd) });
    }
    if (!shape.isWhole || entries.length - before < shape.count) damages++;
  }
  return { entries, damages };
}

function confirmed(shape: LeafShape): ElementShape[] {
  const elements: ElementShape[] = [];
  for (const element of elementsOf(shape)) {
    if (element.index < shape.count && element.startsRight && element.endsRight) elements.push(element);
  }
  return elements;
}
