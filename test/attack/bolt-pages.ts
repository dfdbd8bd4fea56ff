// A strict reader of bbolt files for the attack, independent of src/bbolt: it finds where everything is, and refuses
// whatever bbolt would not have written.

import { createHash } from 'node:crypto';
import { fnv64a } from '../../src/bbolt/fnv.js';

export const PAGE = 4096;
export const HEADER = 16;
export const ELEMENT = 16;
const META_BODY_BYTES = 56;
const SUM_AT = HEADER + META_BODY_BYTES;
const MAGIC = 0xed0cdaed;
const DIGEST = 32;

export const BRANCH = 1;
export const LEAF = 2;
const META = 4;
export const FREELIST = 16;

export const FIELD = { root: 16, sequence: 24, freelist: 32, highWaterMark: 40, txid: 48 } as const;

/** Something in a file that bbolt or etcd would not have written. */
export class Contradiction extends Error {}

export function hold(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Contradiction(what);
}

export interface Meta {
  readonly page: number;
  readonly root: number;
  readonly freelist: bigint;
  readonly highWaterMark: number;
  readonly txid: bigint;
}

export interface Entry {
  /** The offsets of key and value in the file. */
  readonly keyAt: number;
  readonly valueAt: number;
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface Page {
  readonly id: number;
  readonly kind: typeof BRANCH | typeof LEAF;
  readonly count: number;
  readonly pages: number;
}

export function hasDigest(bytes: Buffer): boolean {
  return bytes.length % 512 === DIGEST;
}

/** Writes the sum that a meta page carries. */
export function sumMeta(bytes: Buffer, page: number): void {
  const body = bytes.subarray(page * PAGE + HEADER);
  body.writeBigUInt64LE(fnv64a(body.subarray(0, META_BODY_BYTES)), META_BODY_BYTES);
}

/** Writes the SHA-256 of a snapshot. */
export function sumFile(bytes: Buffer): void {
  const end = bytes.length - DIGEST;
  createHash('sha256').update(bytes.subarray(0, end)).digest().copy(bytes, end);
}

function readMeta(bytes: Buffer, page: number): Meta {
  const at = page * PAGE;
  const body = bytes.subarray(at + HEADER, at + SUM_AT + 8);
  const headed = bytes.readBigUInt64LE(at) === BigInt(page) && bytes.readUInt16LE(at + 8) === META;
  hold(headed, `meta ${page}: its header`);
  hold(body.readUInt32LE(0) === MAGIC && body.readUInt32LE(4) === 2, `meta ${page}: magic or version`);
  hold(body.readUInt32LE(8) === PAGE, `meta ${page}: page size`);
  hold(body.readBigUInt64LE(META_BODY_BYTES) === fnv64a(body.subarray(0, META_BODY_BYTES)), `meta ${page}: its sum`);
  return {
    page,
    root: Number(body.readBigUInt64LE(FIELD.root)),
    freelist: body.readBigUInt64LE(FIELD.freelist),
    highWaterMark: Number(body.readBigUInt64LE(FIELD.highWaterMark)),
    txid: body.readBigUInt64LE(FIELD.txid),
  };
}

interface Walk {
  readonly gte?: Buffer | undefined;
  readonly lt?: Buffer | undefined;
  readonly lastOnly?: boolean;
}

const isPlain = (flags: number) => flags === 0;

export class BoltPages {
  readonly meta: Meta;
  /** The branch and leaf pages in use, by id. */
  readonly pages = new Map<number, Page>();
  private readonly read = new Map<string, Entry[]>();
  private readonly buckets = new Map<string, { root: number; inline: { at: number; end: number } | undefined }>();

  constructor(private readonly bytes: Buffer) {
    if (hasDigest(bytes)) {
      const sum = createHash('sha256').update(bytes.subarray(0, -DIGEST)).digest();
      hold(sum.equals(bytes.subarray(-DIGEST)), 'the digest');
    } else {
      hold(bytes.length % PAGE === 0, 'the length');
    }
    hold(bytes.length >= 4 * PAGE, 'the length');
    const metas = [readMeta(bytes, 0), readMeta(bytes, 1)] as const;
    const [older, newer] = metas[0].txid < metas[1].txid ? metas : [metas[1], metas[0]];
    hold(newer.txid - older.txid === 1n, 'the txids of the metas follow one another');
    this.meta = newer;
    hold(this.meta.highWaterMark * PAGE <= bytes.length, 'the high-water mark');
    this.readBuckets();
  }

  private readBuckets(): void {
    const entries = this.walk(this.meta.root, (flags) => flags === 1);
    for (const { key, value, valueAt } of entries) {
      hold(value.length >= 16, 'a bucket header');
      const root = Number(value.readBigUInt64LE(0));
      const inline = root === 0 ? { at: valueAt + 16, end: valueAt + value.length } : undefined;
      this.buckets.set(key.toString('latin1'), { root, inline });
    }
  }

  get names(): string[] {
    return [...this.buckets.keys()];
  }

  /** Returns the entries of a bucket, in order; none if there is no such bucket. */
  entries(name: string): Entry[] {
    const known = this.read.get(name) ?? this.readEntries(name);
    this.read.set(name, known);
    return known;
  }

  /** Returns the entries of the last leaf of a bucket; of all pages only those on the way there are read. */
  newest(name: string): Entry[] {
    const bucket = this.buckets.get(name);
    if (bucket === undefined || bucket.inline !== undefined) return this.entries(name);
    return this.walk(bucket.root, isPlain, { lastOnly: true });
  }

  private readEntries(name: string): Entry[] {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) return [];
    const { root, inline } = bucket;
    return inline === undefined ? this.walk(root, isPlain) : this.leafEntries(inline.at, inline.end, isPlain);
  }

  /** Reads a tree of pages within bounds on its keys. */
  private walk(id: number, flags: (flags: number) => boolean, { gte, lt, lastOnly = false }: Walk = {}): Entry[] {
    const page = this.readPage(id);
    const at = id * PAGE;
    const end = at + page.pages * PAGE;
    if (page.kind === LEAF) {
      hold(page.count > 0 || gte === undefined, `page ${id}: an empty leaf that is not a root`);
      const entries = this.leafEntries(at, end, flags);
      const last = entries.at(-1);
      hold(
        last === undefined || page.pages === 1 || last.valueAt + last.value.length > end - PAGE,
        `page ${id}: overflow`,
      );
      const inside = ({ key }: Entry) =>
        (gte === undefined || key.compare(gte) >= 0) && (lt === undefined || key.compare(lt) < 0);
      hold(entries.every(inside), `page ${id}: a key out of bounds`);
      return entries;
    }
    hold(page.count > 0, `page ${id}: an empty branch`);
    const elements = Array.from({ length: page.count }, (_unused, i) => {
      const element = at + HEADER + i * ELEMENT;
      hold(element + ELEMENT <= end, `page ${id}: element ${i}`);
      const keyAt = element + this.bytes.readUInt32LE(element);
      const size = this.bytes.readUInt32LE(element + 4);
      hold(keyAt + size <= end, `page ${id}: element ${i}`);
      return {
        keyAt,
        key: this.bytes.subarray(keyAt, keyAt + size),
        child: Number(this.bytes.readBigUInt64LE(element + 8)),
      };
    });
    let next = at + HEADER + page.count * ELEMENT;
    return elements.flatMap(({ keyAt, key, child }, i) => {
      hold(keyAt === next && key.length > 0, `page ${id}: element ${i} is not behind the one before`);
      next += key.length;
      hold(gte === undefined || key.compare(gte) >= 0, `page ${id}: element ${i} is below its bound`);
      const above = elements[i + 1]?.key ?? lt;
      hold(above === undefined || key.compare(above) < 0, `page ${id}: element ${i} is not below the next`);
      if (lastOnly && i < elements.length - 1) return [];
      return this.walk(child, flags, { gte: key, lt: above, lastOnly });
    });
  }

  private readPage(id: number): Page {
    hold(id >= 2 && id < this.meta.highWaterMark, `page ${id} is not in the file`);
    const at = id * PAGE;
    const kind = this.bytes.readUInt16LE(at + 8);
    hold(this.bytes.readBigUInt64LE(at) === BigInt(id), `page ${id}: its id`);
    hold(kind === BRANCH || kind === LEAF, `page ${id}: its kind`);
    const count = this.bytes.readUInt16LE(at + 10);
    const pages = this.bytes.readUInt32LE(at + 12) + 1;
    hold(id + pages <= this.meta.highWaterMark, `page ${id}: its overflow`);
    for (let taken = id; taken < id + pages; taken++) hold(!this.pages.has(taken), `page ${taken} is used twice`);
    const page = { id, kind, count, pages } as const;
    this.pages.set(id, page);
    for (let taken = id + 1; taken < id + pages; taken++) this.pages.set(taken, { ...page, id: taken });
    return page;
  }

  private leafEntries(at: number, end: number, isFlags: (flags: number) => boolean): Entry[] {
    const { bytes } = this;
    hold(at + HEADER <= end && bytes.readUInt16LE(at + 8) === LEAF, 'a leaf');
    const count = bytes.readUInt16LE(at + 10);
    let next = at + HEADER + count * ELEMENT;
    hold(next <= end, 'the elements of a leaf');
    let before: Buffer | undefined;
    const entries = Array.from({ length: count }, (_unused, i): Entry => {
      const element = at + HEADER + i * ELEMENT;
      hold(isFlags(bytes.readUInt32LE(element)), `the flags of element ${i}`);
      const keyAt = element + bytes.readUInt32LE(element + 4);
      const valueAt = keyAt + bytes.readUInt32LE(element + 8);
      const valueEnd = valueAt + bytes.readUInt32LE(element + 12);
      hold(keyAt === next && valueAt > keyAt && valueEnd <= end, `element ${i}`);
      next = valueEnd;
      const key = bytes.subarray(keyAt, valueAt);
      hold(before === undefined || before.compare(key) < 0, `element ${i} is not above the one before`);
      before = key;
      return { keyAt, valueAt, key, value: bytes.subarray(valueAt, valueEnd) };
    });
    // bbolt zeroes a page before it writes to it: what is behind the last element was an element once.
    hold(count > 0 || bytes.subarray(next, end).every((byte) => byte === 0), 'an emptied leaf');
    return entries;
  }
}
