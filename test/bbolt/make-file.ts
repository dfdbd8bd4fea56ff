// The helpers make bbolt files by hand, from pages with the bytes that bbolt would write or with other ones.

import { fnv64a } from '../../src/bbolt/fnv.js';
import type { PageSource } from '../../src/bbolt/page-source.js';

export const BRANCH = 1;
const LEAF = 2;
const META = 4;
const FREELIST = 16;
const NO_FREELIST = 0xffff_ffff_ffff_ffffn;

type Bytes = string | Buffer;

export interface LeafEntry {
  key: Bytes;
  value?: Bytes;
  /** The flag 1 means that the value is the header of a bucket. */
  flags?: number;
}

export interface BranchEntry {
  key: Bytes;
  child: number;
}

export interface MetaFields {
  pageSize?: number;
  root?: number;
  sequence?: bigint;
  freelist?: bigint;
  highWaterMark?: number | bigint;
  txid?: number | bigint;
  version?: number;
  magic?: number;
}

function bytesOf(bytes: Bytes): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
}

function header(id: number, flags: number, count: number, overflow: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(BigInt(id), 0);
  bytes.writeUInt16LE(flags, 8);
  bytes.writeUInt16LE(count, 10);
  bytes.writeUInt32LE(overflow, 12);
  return bytes;
}

/** Pads the contents to whole pages; `overflow` is the number of pages behind the first. */
function padded(pageSize: number, contents: (overflow: number) => Buffer): Buffer {
  const pages = Math.max(1, Math.ceil(contents(0).length / pageSize));
  return Buffer.concat([contents(pages - 1)], pages * pageSize);
}

function leafContents(id: number, entries: readonly LeafEntry[], overflow: number): Buffer {
  const elements = Buffer.alloc(16 * entries.length);
  const data: Buffer[] = [];
  let end = 16 + elements.length;
  for (const [i, { key, value = '', flags = 0 }] of entries.entries()) {
    const [k, v] = [bytesOf(key), bytesOf(value)];
    elements.writeUInt32LE(flags, 16 * i);
    elements.writeUInt32LE(end - 16 * (i + 1), 16 * i + 4);
    elements.writeUInt32LE(k.length, 16 * i + 8);
    elements.writeUInt32LE(v.length, 16 * i + 12);
    data.push(k, v);
    end += k.length + v.length;
  }
  return Buffer.concat([header(id, LEAF, entries.length, overflow), elements, ...data]);
}

export function leafPage(pageSize: number, id: number, entries: readonly LeafEntry[]): Buffer {
  return padded(pageSize, (overflow) => leafContents(id, entries, overflow));
}

export function branchPage(pageSize: number, id: number, entries: readonly BranchEntry[]): Buffer {
  const elements = Buffer.alloc(16 * entries.length);
  const keys = entries.map(({ key }) => bytesOf(key));
  let end = 16 + elements.length;
  for (const [i, { child }] of entries.entries()) {
    elements.writeUInt32LE(end - 16 * (i + 1), 16 * i);
    elements.writeUInt32LE(keys[i]!.length, 16 * i + 4);
    elements.writeBigUInt64LE(BigInt(child), 16 * i + 8);
    end += keys[i]!.length;
  }
  return padded(pageSize, (overflow) =>
    Buffer.concat([header(id, BRANCH, entries.length, overflow), elements, ...keys]),
  );
}

export function freelistPage(pageSize: number, id: number, ids: readonly number[]): Buffer {
  const many = ids.length >= 0xffff;
  const list = Buffer.alloc(8 * (ids.length + (many ? 1 : 0)));
  for (const [i, value] of [...(many ? [ids.length] : []), ...ids].entries()) {
    list.writeBigUInt64LE(BigInt(value), 8 * i);
  }
  return padded(pageSize, (overflow) =>
    Buffer.concat([header(id, FREELIST, many ? 0xffff : ids.length, overflow), list]),
  );
}

export function metaPage(pageSize: number, id: number, fields: MetaFields): Buffer {
  const page = Buffer.alloc(pageSize);
  header(id, META, 0, 0).copy(page);
  const body = page.subarray(16);
  body.writeUInt32LE(fields.magic ?? 0xed0cdaed, 0);
  body.writeUInt32LE(fields.version ?? 2, 4);
  body.writeUInt32LE(fields.pageSize ?? pageSize, 8);
  body.writeBigUInt64LE(BigInt(fields.root ?? 2), 16);
  body.writeBigUInt64LE(fields.sequence ?? 0n, 24);
  body.writeBigUInt64LE(fields.freelist ?? NO_FREELIST, 32);
  body.writeBigUInt64LE(BigInt(fields.highWaterMark ?? 3), 40);
  body.writeBigUInt64LE(BigInt(fields.txid ?? 1 - id), 48);
  body.writeBigUInt64LE(fnv64a(body.subarray(0, 56)), 56);
  return page;
}

/** Returns the value of a leaf element that leads to the root page of a bucket. */
export function bucketHeader(root: number, sequence = 0n): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(BigInt(root), 0);
  bytes.writeBigUInt64LE(sequence, 8);
  return bytes;
}

/** Returns the value of a leaf element that contains a small bucket. */
export function inlineBucket(entries: readonly LeafEntry[], sequence = 0n): Buffer {
  return Buffer.concat([bucketHeader(0, sequence), leafContents(0, entries, 0)]);
}

/** Returns a file of both metas and these pages, which must be in order of their ids, from 2 on. */
export function boltFile(pageSize: number, pages: readonly Buffer[], fields: MetaFields = {}): Buffer {
  const rest = Buffer.concat(pages);
  const all = { highWaterMark: 2 + rest.length / pageSize, ...fields };
  return Buffer.concat([metaPage(pageSize, 0, all), metaPage(pageSize, 1, { ...all, txid: 0 }), rest]);
}

/** A file in memory that throws when a read goes beyond its end. It may end in a hole, of which nobody should read much. */
export class MemorySource implements PageSource {
  /** The number of bytes of all reads together. */
  readBytes = 0;

  constructor(
    private readonly bytes: Buffer,
    readonly sizeBytes = bytes.length,
  ) {}

  read(offset: number, length: number): Buffer {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.sizeBytes)) {
      throw new Error(`read of ${length} bytes at ${offset}, but the file has ${this.sizeBytes}`);
    }
    this.readBytes += length;
    const bytes = this.bytes.subarray(offset, offset + length);
    return bytes.length === length ? bytes : Buffer.concat([bytes], length);
  }
}
