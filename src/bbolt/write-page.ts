// Writes the pages of a file as bbolt does: a header, a table of 16-byte elements, then the keys and values without gaps.
// The pages are zero before, and what is not used stays so. The forms are those that leaf-page.ts, branch-page.ts,
// page-header.ts and meta.ts read.

import { fnv64a } from './fnv.js';
import { tableEnd } from './key-page.js';
import { CHECKSUM_OFFSET, FORMAT_VERSION, FREELIST_NOT_STORED, MAGIC } from './meta.js';
import { PAGE_FLAGS, PAGE_HEADER_BYTES, type PageKind } from './page-header.js';
import { writeU64LE } from './u64.js';

/** An element of a leaf page: a pair, or the name of a bucket and its header. */
export interface LeafElement {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly isBucket: boolean;
}

/** An element of a branch page: the first key of a child page, and its id. */
export interface BranchElement {
  readonly key: Buffer;
  readonly pgid: number;
}

const ELEMENT_BYTES = tableEnd(1) - tableEnd(0);

/** Returns the number of bytes that an element takes on its page. */
export function leafElementBytes({ key, value }: LeafElement): number {
  return ELEMENT_BYTES + key.length + value.length;
}

export function branchElementBytes({ key }: BranchElement): number {
  return ELEMENT_BYTES + key.length;
}

function writeHeader(page: Buffer, pgid: number, kind: PageKind, count: number, overflow: number): void {
  writeU64LE(page, pgid, 0);
  page.writeUInt16LE(PAGE_FLAGS[kind], 8);
  page.writeUInt16LE(count, 10);
  page.writeUInt32LE(overflow, 12);
}

/** Writes a leaf page with its overflow pages; an inline page has the id 0 and no overflow. */
export function writeLeafPage(page: Buffer, pgid: number, overflow: number, elements: readonly LeafElement[]): void {
  writeHeader(page, pgid, 'leaf', elements.length, overflow);
  let end = tableEnd(elements.length);
  for (let i = 0; i < elements.length; i++) {
    const { key, value, isBucket } = elements[i]!;
    const start = tableEnd(i);
    page.writeUInt32LE(isBucket ? 1 : 0, start);
    page.writeUInt32LE(end - start, start + 4);
    page.writeUInt32LE(key.length, start + 8);
    page.writeUInt32LE(value.length, start + 12);
    page.set(key, end);
    page.set(value, end + key.length);
    end += key.length + value.length;
  }
}

export function writeBranchPage(
  page: Buffer,
  pgid: number,
  overflow: number,
  elements: readonly BranchElement[],
): void {
  writeHeader(page, pgid, 'branch', elements.length, overflow);
  let end = tableEnd(elements.length);
  for (let i = 0; i < elements.length; i++) {
    const { key, pgid: child } = elements[i]!;
    const start = tableEnd(i);
    page.writeUInt32LE(end - start, start);
    page.writeUInt32LE(key.length, start + 4);
    writeU64LE(page, child, start + 8);
    page.set(key, end);
    end += key.length;
  }
}

/** What differs between metas that this program writes. */
interface WrittenMeta {
  readonly pageSize: number;
  readonly root: number;
  readonly highWaterMark: number;
  readonly txid: number;
}

/** Writes a meta page without a freelist: as etcd runs it, bbolt stores none and finds the free pages when it opens. */
export function writeMetaPage(page: Buffer, pgid: number, meta: WrittenMeta): void {
  writeHeader(page, pgid, 'meta', 0, 0);
  const body = page.subarray(PAGE_HEADER_BYTES);
  body.writeUInt32LE(MAGIC, 0);
  body.writeUInt32LE(FORMAT_VERSION, 4);
  body.writeUInt32LE(meta.pageSize, 8);
  writeU64LE(body, meta.root, 16);
  body.writeBigUInt64LE(FREELIST_NOT_STORED, 32);
  writeU64LE(body, meta.highWaterMark, 40);
  writeU64LE(body, meta.txid, 48);
  body.writeBigUInt64LE(fnv64a(body.subarray(0, CHECKSUM_OFFSET)), CHECKSUM_OFFSET);
}

/** Returns the header of a bucket, which is the value of its name: its root page, 0 for an inline one, and a sequence. */
export function bucketHeader(root: number): Buffer {
  const header = Buffer.alloc(16);
  writeU64LE(header, root, 0);
  return header;
}

/** Returns the header of a bucket with all of its pairs in an inline page. */
export function inlineBucket(elements: readonly LeafElement[], contentBytes: number): Buffer {
  const header = bucketHeader(0);
  const page = Buffer.alloc(contentBytes);
  writeLeafPage(page, 0, 0, elements);
  return Buffer.concat([header, page]);
}
