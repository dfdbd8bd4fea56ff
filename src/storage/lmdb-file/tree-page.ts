// A TreePage is a branch or a leaf page of an LMDB tree:
//
//   header: 24 bytes | a pointer of 2 bytes for each node … | free room | nodes, each 8 bytes, a key and data
//
// The header holds the page's own number, the transaction that wrote it, what kind it is, and where the free room
// begins and ends. The nodes fill the rest without a gap; pointers and bounds count from the end of the header. The key
// of a branch's first node has no meaning: that child holds all keys below the second.

import { readU64LE } from '../../bbolt/u64.js';
import type { DataFile } from './data-file.js';
import type { CompareKeys } from './key-order.js';

export const PAGE_HEADER_BYTES = 24;
const TXN_ID_AT = 8;
const FLAGS_AT = 18;
const LOWER_AT = 20;
const UPPER_AT = 22;
const RUN_LENGTH_AT = 20;
const BRANCH = 1;
const LEAF = 2;
const OVERFLOW = 4;

const NODE_HEADER_BYTES = 8;
const POINTER_BYTES = 2;
/** The node's data lie in pages of their own; in the node is where. */
const IN_OVERFLOW = 1;
const OVERFLOW_NODE_BYTES = 24;
const TABLE = 2;

/** The fewest nodes that must fit into a page; a branch has as many. */
const MIN_NODES = 2;

/** What a page must be at its place in the tree. */
export interface PagePlace {
  readonly page: number;
  readonly isLeaf: boolean;
  /** No page is younger than the one above it. */
  readonly maxTxnId: number;
  /** The lowest key that may be in the page; undefined if any may. */
  readonly lower: Buffer | undefined;
  /** The lowest key that may not be in the page any more; undefined if there is none. */
  readonly upper: Buffer | undefined;
}

/** What the nodes of a tree are like. */
export interface TreeKind {
  readonly compare: CompareKeys;
  /** The length of each key; undefined if keys have any from 1 byte on. */
  readonly keyBytes?: number;
  /** Whether the leaves hold table records, and nothing else. */
  readonly holdsTables?: boolean;
  /** Whether a branch may have a single child. */
  readonly mayHaveThinBranches?: boolean;
}

/** A run of pages that holds the data of one node, behind a header. */
export interface OverflowRun {
  readonly firstPage: number;
  readonly pages: number;
  readonly sizeBytes: number;
}

/** Pages are checked one after the other; each has its node sizes here, by where in the page the node begins. */
const sizes = new Uint16Array(2 ** 15);

export class TreePage {
  readonly count: number;
  readonly txnId: number;

  /** Takes the page that begins at `at` of `bytes`. Throws CORRUPT if it contradicts its place, or itself. */
  constructor(
    private readonly file: DataFile,
    private readonly kind: TreeKind,
    readonly place: PagePlace,
    private readonly bytes: Buffer,
    private readonly at: number,
    lastPage: number,
  ) {
    this.txnId = this.checkHeader();
    this.count = this.checkBounds();
    this.checkNodes(lastPage);
    this.checkTiling();
    this.checkKeys();
  }

  private u16(offset: number): number {
    const at = this.at + offset;
    return this.bytes[at]! | (this.bytes[at + 1]! << 8);
  }

  private damage(offset: number, what: string) {
    return this.file.damage(this.place.page, offset, what);
  }

  private checkHeader(): number {
    const { page, isLeaf, maxTxnId } = this.place;
    const own = readU64LE(this.bytes, this.at);
    if (own !== page) throw this.damage(0, `its own number is ${own}`);
    const txnId = readU64LE(this.bytes, this.at + TXN_ID_AT);
    if (txnId === 0 || txnId > maxTxnId) {
      throw this.damage(TXN_ID_AT, `it is of transaction ${txnId}, but what points to it of ${maxTxnId}`);
    }
    const flags = this.u16(FLAGS_AT);
    if (flags !== (isLeaf ? LEAF : BRANCH)) {
      throw this.damage(
        FLAGS_AT,
        `its flags are 0x${flags.toString(16)}, where a ${isLeaf ? 'leaf' : 'branch'} belongs`,
      );
    }
    return txnId;
  }

  /** Returns the number of nodes. */
  private checkBounds(): number {
    const lower = this.u16(LOWER_AT);
    const upper = this.u16(UPPER_AT);
    const room = this.file.pageSize - PAGE_HEADER_BYTES;
    if (lower % POINTER_BYTES !== 0 || upper % 2 !== 0 || lower > upper || upper > room) {
      throw this.damage(LOWER_AT, `its free room is from ${lower} to ${upper}, of ${room} bytes`);
    }
    const count = lower / POINTER_BYTES;
    const least = this.place.isLeaf || this.kind.mayHaveThinBranches ? 1 : MIN_NODES;
    if (count < least) throw this.damage(LOWER_AT, `it has ${count} nodes, of at least ${least}`);
    return count;
  }

  /** Returns where the node begins, from the start of the page. */
  private node(index: number): number {
    return this.u16(PAGE_HEADER_BYTES + index * POINTER_BYTES) + PAGE_HEADER_BYTES;
  }

  private keyLength(node: number): number {
    return this.u16(node + 6);
  }

  private checkNodes(lastPage: number): void {
    const { pageSize } = this.file;
    const lowest = this.u16(UPPER_AT) + PAGE_HEADER_BYTES;
    const most = maxNodeBytes(pageSize);
    for (let index = 0; index < this.count; index++) {
      const node = this.node(index);
      if (node < lowest || node > pageSize - NODE_HEADER_BYTES || node % 2 !== 0) {
        throw this.damage(
          PAGE_HEADER_BYTES + index * POINTER_BYTES,
          `node ${index} begins at byte ${node} of the page`,
        );
      }
      const bytes = this.nodeBytes(index, node, lastPage);
      if (bytes > most || node + bytes > pageSize) {
        throw this.damage(node, `node ${index} has ${bytes} bytes, of ${Math.min(most, pageSize - node)}`);
      }
      sizes[node >> 1] = bytes + (bytes & 1);
    }
  }

  private nodeBytes(index: number, node: number, lastPage: number): number {
    const keyBytes = this.keyLength(node);
    this.checkKeyLength(index, node, keyBytes);
    if (!this.place.isLeaf) {
      const child = this.child(index);
      if (child < 2 || child > lastPage) {
        throw this.damage(node, `node ${index} points to page ${child}, of 2 to ${lastPage}`);
      }
      return NODE_HEADER_BYTES + keyBytes;
    }
    const flags = this.u16(node + 4);
    const dataBytes = this.dataLength(node);
    const wanted = this.kind.holdsTables ? TABLE : 0;
    if (flags !== wanted && (flags !== IN_OVERFLOW || wanted !== 0)) {
      throw this.damage(node + 4, `node ${index} has the flags 0x${flags.toString(16)}`);
    }
    return NODE_HEADER_BYTES + keyBytes + (flags === IN_OVERFLOW ? OVERFLOW_NODE_BYTES : dataBytes);
  }

  private checkKeyLength(index: number, node: number, keyBytes: number): void {
    if (!this.place.isLeaf && index === 0) return;
    const wanted = this.kind.keyBytes;
    if (wanted === undefined ? keyBytes > 0 : keyBytes === wanted) return;
    throw this.damage(node + 6, `the key of node ${index} has ${keyBytes} bytes`);
  }

  /** Follows the nodes from the first byte of the page's data to the last: each begins where another ends. */
  private checkTiling(): void {
    const { pageSize } = this.file;
    let node = this.u16(UPPER_AT) + PAGE_HEADER_BYTES;
    const first = node;
    let seen = 0;
    while (node < pageSize && sizes[node >> 1] !== 0) {
      const bytes = sizes[node >> 1]!;
      sizes[node >> 1] = 0;
      node += bytes;
      seen++;
    }
    if (node === pageSize && seen === this.count) return;
    sizes.fill(0, first >> 1, pageSize >> 1);
    throw this.damage(node, `${this.count} nodes do not fill the page: the first gap is here`);
  }

  private checkKeys(): void {
    const { isLeaf, lower, upper } = this.place;
    const { compare } = this.kind;
    const first = isLeaf ? 0 : 1;
    if (this.count <= first) return;
    let node = this.node(first);
    let length = this.keyLength(node);
    const at = this.at + NODE_HEADER_BYTES;
    if (lower !== undefined && compare(this.bytes, at + node, length, lower, 0, lower.length) < 0) {
      throw this.damage(node, 'its first key is below those that belong here');
    }
    for (let index = first + 1; index < this.count; index++) {
      const next = this.node(index);
      const nextLength = this.keyLength(next);
      if (compare(this.bytes, at + node, length, this.bytes, at + next, nextLength) >= 0) {
        throw this.damage(next, `the keys of nodes ${index - 1} and ${index} do not ascend`);
      }
      node = next;
      length = nextLength;
    }
    if (upper !== undefined && compare(this.bytes, at + node, length, upper, 0, upper.length) >= 0) {
      throw this.damage(node, 'its last key is above those that belong here');
    }
  }

  key(index: number): Buffer {
    const node = this.node(index);
    const start = this.at + node + NODE_HEADER_BYTES;
    return this.bytes.subarray(start, start + this.keyLength(node));
  }

  /** Returns the page that a branch's node points to. */
  child(index: number): number {
    const node = this.node(index);
    return this.u16(node) + this.u16(node + 2) * 2 ** 16 + this.u16(node + 4) * 2 ** 32;
  }

  private dataLength(node: number): number {
    return this.u16(node) + this.u16(node + 2) * 2 ** 16;
  }

  /** Returns where the data of a leaf's node lie in this page; undefined if they lie in other pages. */
  data(index: number): Buffer | undefined {
    const node = this.node(index);
    if (this.u16(node + 4) === IN_OVERFLOW) return undefined;
    const start = this.at + node + NODE_HEADER_BYTES + this.keyLength(node);
    return this.bytes.subarray(start, start + this.dataLength(node));
  }

  /** Returns the pages where the data of a leaf's node lie, checked; undefined if they lie in this page. */
  overflow(index: number, lastPage: number): OverflowRun | undefined {
    const node = this.node(index);
    if (this.u16(node + 4) !== IN_OVERFLOW) return undefined;
    const offset = node + NODE_HEADER_BYTES + this.keyLength(node);
    const firstPage = readU64LE(this.bytes, this.at + offset);
    const txnId = readU64LE(this.bytes, this.at + offset + 8);
    const pages = readU64LE(this.bytes, this.at + offset + 16);
    const sizeBytes = this.dataLength(node);
    if (firstPage < 2 || pages < 1 || firstPage + pages - 1 > lastPage) {
      throw this.damage(
        offset,
        `the data of node ${index} lie in ${pages} pages from ${firstPage} on, of 2 to ${lastPage}`,
      );
    }
    if (sizeBytes + PAGE_HEADER_BYTES > pages * this.file.pageSize) {
      throw this.damage(node, `the data of node ${index} have ${sizeBytes} bytes, but ${pages} pages`);
    }
    if (txnId > this.txnId) {
      throw this.damage(offset + 8, `the data of node ${index} are of transaction ${txnId}, the page of ${this.txnId}`);
    }
    checkOverflowHeader(this.file, firstPage, pages, txnId);
    return { firstPage, pages, sizeBytes };
  }

  /** Checks the pages that hold data of a leaf's nodes. */
  checkOverflows(lastPage: number): void {
    for (let index = 0; index < this.count; index++) this.overflow(index, lastPage);
  }

  /** Returns the node of a branch under which a key belongs. */
  indexOf(key: Buffer): number {
    const { compare } = this.kind;
    let low = 1;
    let high = this.count - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const node = this.node(middle);
      const start = this.at + node + NODE_HEADER_BYTES;
      if (compare(key, 0, key.length, this.bytes, start, this.keyLength(node)) < 0) high = middle - 1;
      else low = middle + 1;
    }
    return high;
  }

  /** Returns the node of a leaf with a key; undefined if there is none. */
  find(key: Buffer): number | undefined {
    for (let index = 0; index < this.count; index++) {
      if (this.key(index).equals(key)) return index;
    }
    return undefined;
  }
}

/** The most bytes of a node: larger data go to pages of their own. */
function maxNodeBytes(pageSize: number): number {
  return (((pageSize - PAGE_HEADER_BYTES) / MIN_NODES) & -2) - POINTER_BYTES;
}

const overflowHeader = Buffer.alloc(PAGE_HEADER_BYTES);

/** Checks the header of a run against the node that points to it. */
function checkOverflowHeader(file: DataFile, page: number, pages: number, txnId: number): void {
  file.readPages(overflowHeader, page);
  const own = readU64LE(overflowHeader, 0);
  const flags = overflowHeader.readUInt16LE(FLAGS_AT);
  const ownTxnId = readU64LE(overflowHeader, TXN_ID_AT);
  const ownPages = overflowHeader.readUInt32LE(RUN_LENGTH_AT);
  if (own !== page) throw file.damage(page, 0, `its own number is ${own}`);
  if (flags !== OVERFLOW) {
    throw file.damage(page, FLAGS_AT, `its flags are 0x${flags.toString(16)}, where the data of a large entry belong`);
  }
  if (ownTxnId !== txnId) {
    throw file.damage(page, TXN_ID_AT, `it is of transaction ${ownTxnId}, but what points to it says ${txnId}`);
  }
  if (ownPages !== pages) {
    throw file.damage(page, RUN_LENGTH_AT, `it begins ${ownPages} pages, but what points to it says ${pages}`);
  }
}
