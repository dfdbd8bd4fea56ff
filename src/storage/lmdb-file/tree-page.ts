// A TreePage is a branch or a leaf page of an LMDB tree:
//
//   header: 24 bytes | a pointer of 2 bytes for each node … | free room | nodes, each 8 bytes, a key and data
//
// The header holds the page's own number, the transaction that wrote it, what kind it is, and where the free room
// begins and ends. The nodes fill the rest without a gap; pointers and bounds count from the end of the header. The key
// of a branch's first node has no meaning: that child holds all keys below the second.

import { readU64LE } from '../../bbolt/u64.js';
import type { MvccwError } from '../../errors.js';
import type { DataFile } from './data-file.js';
import type { CompareKeys, KeyAt } from './key-order.js';
import { checkOverflowHeader, FLAGS_AT, type OverflowRun, PAGE_HEADER_BYTES, TXN_ID_AT } from './overflow-run.js';
import type { PageBytes } from './page-bytes.js';

const LOWER_AT = 20;
const UPPER_AT = 22;
const BRANCH = 1;
const LEAF = 2;

const NODE_HEADER_BYTES = 8;
const POINTER_BYTES = 2;
/** The node's data lie in pages of their own; in the node is where. */
const IN_OVERFLOW = 1;
const OVERFLOW_NODE_BYTES = 24;
const TABLE = 2;

/** The fewest nodes that must fit into a page; a branch has as many. */
const MIN_NODES = 2;

const TWO_TO_14 = 2 ** 14;
const TWO_TO_16 = 2 ** 16;
const TWO_TO_32 = 2 ** 32;

/** What a page must be at its place in the tree. */
export interface PagePlace {
  readonly page: number;
  readonly isLeaf: boolean;
  /** No page is younger than the one above it. */
  readonly maxTxnId: number;
  /** The lowest key that may be in the page; undefined if any may. */
  readonly lower: KeyAt | undefined;
  /** The lowest key that may not be in the page any more; undefined if there is none. */
  readonly upper: KeyAt | undefined;
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

/** What the pages of a leaf come to, in bytes. */
export interface PageRoom {
  /** The keys and data of its nodes, wherever the data lie. */
  readonly pairBytes: number;
  /** What the nodes have in pages of their own, with a header for each. */
  readonly overflowBytes: number;
  /** What the leaf leaves empty. */
  readonly freeBytes: number;
}

/** Pages are checked one after the other; each has its node sizes here, by where in the page the node begins. */
const sizes = new Uint16Array(2 ** 15);

export class TreePage {
  readonly txnId: number;
  /** The number of nodes. */
  readonly count: number;
  private readonly bytes: Buffer;
  private readonly words: Uint16Array;
  private hasOverflows = false;

  /** Takes the page that begins at byte `at`. Throws CORRUPT if it contradicts its place, or itself. */
  constructor(
    private readonly file: DataFile,
    private readonly kind: TreeKind,
    readonly place: PagePlace,
    { bytes, words }: PageBytes,
    private readonly at: number,
    lastPage: number,
  ) {
    this.bytes = bytes;
    this.words = words;
    this.txnId = this.checkHeader();
    this.count = this.checkBounds();
    if (place.isLeaf) this.checkLeafNodes();
    else this.checkBranchNodes(lastPage);
    this.checkTiling();
    this.checkOrder();
  }

  /** Returns the 2-byte number at an even offset of the page. */
  private word(offset: number): number {
    return this.words[(this.at + offset) >> 1]!;
  }

  private damage(offset: number, what: string): MvccwError {
    sizes.fill(0);
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
    const flags = this.word(FLAGS_AT);
    if (flags === (isLeaf ? LEAF : BRANCH)) return txnId;
    const wanted = isLeaf ? 'leaf' : 'branch';
    throw this.damage(FLAGS_AT, `its flags are 0x${flags.toString(16)}, where a ${wanted} belongs`);
  }

  /** Returns the number of nodes. */
  private checkBounds(): number {
    const lower = this.word(LOWER_AT);
    const upper = this.word(UPPER_AT);
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
    return this.word(PAGE_HEADER_BYTES + index * POINTER_BYTES) + PAGE_HEADER_BYTES;
  }

  private keyLength(node: number): number {
    return this.word(node + 6);
  }

  /** Checks each node by itself, and keeps how long it is. This runs for each entry of a scan. */
  private checkLeafNodes(): void {
    const { words, at, count, kind } = this;
    const { pageSize } = this.file;
    const { keyBytes: wantedKeyBytes } = kind;
    const wantedFlags = kind.holdsTables ? TABLE : 0;
    const mayOverflow = wantedFlags === 0;
    const most = maxNodeBytes(pageSize);
    const pointers = (at + PAGE_HEADER_BYTES) >> 1;
    for (let index = 0; index < count; index++) {
      const node = words[pointers + index]! + PAGE_HEADER_BYTES;
      const word = (at + node) >> 1;
      const flags = words[word + 2]!;
      const keyBytes = words[word + 3]!;
      const isOverflow = mayOverflow && flags === IN_OVERFLOW;
      const dataBytes = isOverflow ? OVERFLOW_NODE_BYTES : words[word]! + words[word + 1]! * TWO_TO_16;
      const bytes = NODE_HEADER_BYTES + keyBytes + dataBytes;
      const isSound =
        (node & 1) === 0 &&
        node + bytes <= pageSize &&
        bytes <= most &&
        (isOverflow || flags === wantedFlags) &&
        (wantedKeyBytes === undefined ? keyBytes !== 0 : keyBytes === wantedKeyBytes);
      if (!isSound) throw this.wrongNode(index, node);
      if (isOverflow) this.hasOverflows = true;
      sizes[node >> 1] = bytes + (bytes & 1);
    }
  }

  private checkBranchNodes(lastPage: number): void {
    const { pageSize } = this.file;
    const children = new Set<number>();
    for (let index = 0; index < this.count; index++) {
      const node = this.node(index);
      const bytes = NODE_HEADER_BYTES + (node + NODE_HEADER_BYTES <= pageSize ? this.keyLength(node) : 0);
      const isSound = (node & 1) === 0 && node + bytes <= pageSize && bytes <= maxNodeBytes(pageSize);
      if (!isSound || (index > 0 && this.isWrongKeyLength(node))) throw this.wrongNode(index, node);
      const child = this.child(index);
      if (child < 2 || child > lastPage) {
        throw this.damage(node, `node ${index} points to page ${child}, of 2 to ${lastPage}`);
      }
      if (children.has(child)) throw this.damage(node, `two nodes point to page ${child}`);
      children.add(child);
      sizes[node >> 1] = bytes + (bytes & 1);
    }
  }

  private isWrongKeyLength(node: number): boolean {
    const length = this.keyLength(node);
    const { keyBytes } = this.kind;
    return keyBytes === undefined ? length === 0 : length !== keyBytes;
  }

  private wrongNode(index: number, node: number): MvccwError {
    if (node % 2 !== 0 || node > this.file.pageSize - NODE_HEADER_BYTES) {
      const at = PAGE_HEADER_BYTES + index * POINTER_BYTES;
      return this.damage(at, `node ${index} begins at byte ${node} of the page`);
    }
    const flags = `0x${this.word(node + 4).toString(16)}`;
    const sizeBytes = `a key of ${this.keyLength(node)} and data of ${this.dataLength(node)} bytes`;
    return this.damage(node, `node ${index} has ${sizeBytes}, and the flags ${flags}, which cannot be here`);
  }

  /** Follows the nodes from the end of the free room to that of the page: each begins where another ends. */
  private checkTiling(): void {
    const { pageSize } = this.file;
    let node = this.word(UPPER_AT) + PAGE_HEADER_BYTES;
    let seen = 0;
    while (node < pageSize && sizes[node >> 1] !== 0) {
      const bytes = sizes[node >> 1]!;
      sizes[node >> 1] = 0;
      node += bytes;
      seen++;
    }
    if (node === pageSize && seen === this.count) return;
    throw this.damage(node, `its ${this.count} nodes do not fill it: no node begins here`);
  }

  /** Checks that the keys ascend, within the bounds of the place. */
  private checkOrder(): void {
    const { at, bytes, count } = this;
    const { isLeaf, lower, upper } = this.place;
    const { compare } = this.kind;
    const first = isLeaf ? 0 : 1;
    if (count <= first) return;
    let node = this.node(first);
    let key = at + node + NODE_HEADER_BYTES;
    let length = this.keyLength(node);
    if (lower !== undefined && compare(bytes, key, length, lower.bytes, lower.at, lower.length) < 0) {
      throw this.damage(node, 'its first key is below those that belong here');
    }
    for (let index = first + 1; index < count; index++) {
      node = this.node(index);
      const next = at + node + NODE_HEADER_BYTES;
      const nextLength = this.keyLength(node);
      if (compare(bytes, key, length, bytes, next, nextLength) >= 0) {
        throw this.damage(node, `the keys of nodes ${index - 1} and ${index} do not ascend`);
      }
      key = next;
      length = nextLength;
    }
    if (upper !== undefined && compare(bytes, key, length, upper.bytes, upper.at, upper.length) >= 0) {
      throw this.damage(node, 'its last key is above those that belong here');
    }
  }

  /** Returns what the page holds and what it leaves empty, in bytes. The data in other pages are among the pairs. */
  usage(): PageRoom {
    let pairBytes = 0;
    let overflowBytes = 0;
    for (let index = 0; index < this.count; index++) {
      const node = this.node(index);
      const dataBytes = this.dataLength(node);
      pairBytes += this.keyLength(node) + dataBytes;
      if (this.word(node + 4) === IN_OVERFLOW) overflowBytes += PAGE_HEADER_BYTES + dataBytes;
    }
    return { pairBytes, overflowBytes, freeBytes: this.word(UPPER_AT) - this.word(LOWER_AT) };
  }

  key(index: number): KeyAt {
    const node = this.node(index);
    return { bytes: this.bytes, at: this.at + node + NODE_HEADER_BYTES, length: this.keyLength(node) };
  }

  /** Returns the page that a branch's node points to. */
  child(index: number): number {
    const node = this.node(index);
    const high = this.word(node + 4);
    const middle = this.word(node + 2);
    // A small number stays one that the engine keeps without a box.
    if (high === 0 && middle < TWO_TO_14) return this.word(node) | (middle << 16);
    return this.word(node) + middle * TWO_TO_16 + high * TWO_TO_32;
  }

  /** Returns the data of a leaf's node; undefined if they lie in other pages. */
  data(index: number): Buffer | undefined {
    const node = this.node(index);
    if (this.word(node + 4) === IN_OVERFLOW) return undefined;
    const start = this.at + node + NODE_HEADER_BYTES + this.keyLength(node);
    return this.bytes.subarray(start, start + this.dataLength(node));
  }

  private dataLength(node: number): number {
    return this.word(node) + this.word(node + 2) * TWO_TO_16;
  }

  /** Returns the pages where the data of a leaf's node lie, checked; undefined if they lie in this page. */
  overflow(index: number, lastPage: number): OverflowRun | undefined {
    const node = this.node(index);
    if (this.word(node + 4) !== IN_OVERFLOW) return undefined;
    const offset = node + NODE_HEADER_BYTES + this.keyLength(node);
    const run = {
      firstPage: readU64LE(this.bytes, this.at + offset),
      txnId: readU64LE(this.bytes, this.at + offset + 8),
      pages: readU64LE(this.bytes, this.at + offset + 16),
      sizeBytes: this.dataLength(node),
    };
    const { firstPage, txnId, pages, sizeBytes } = run;
    const wrong = (at: number, what: string) => this.damage(at, `the data of node ${index} ${what}`);
    if (firstPage < 2 || pages < 1 || firstPage + pages - 1 > lastPage) {
      throw wrong(offset, `lie in ${pages} pages from ${firstPage} on, of 2 to ${lastPage}`);
    }
    if (sizeBytes + PAGE_HEADER_BYTES > pages * this.file.pageSize) {
      throw wrong(node, `have ${sizeBytes} bytes, but ${pages} pages`);
    }
    if (txnId > this.txnId) throw wrong(offset + 8, `are of transaction ${txnId}, the page of ${this.txnId}`);
    checkOverflowHeader(this.file, run);
    return run;
  }

  /** Returns the data of a leaf's node, wherever they lie. They are good as long as the page. */
  value(index: number, lastPage: number): Buffer {
    const run = this.overflow(index, lastPage);
    return run === undefined ? this.data(index)! : this.readRun(run);
  }

  /** Returns a copy of the page. */
  copy(): Buffer {
    const { buffer, byteOffset } = this.bytes;
    const copy = Buffer.allocUnsafeSlow(this.file.pageSize);
    copy.set(new Uint8Array(buffer, byteOffset + this.at, copy.length));
    return copy;
  }

  /** Returns the key and the data of a leaf's node, wherever they lie, as views of a copy of the page. */
  entryIn(copy: Buffer, index: number, lastPage: number): { key: Buffer; data: Buffer } {
    const node = this.node(index);
    const keyStart = node + NODE_HEADER_BYTES;
    const keyEnd = keyStart + this.keyLength(node);
    const run = this.overflow(index, lastPage);
    const data = run === undefined ? copy.subarray(keyEnd, keyEnd + this.dataLength(node)) : this.readRun(run);
    return { key: copy.subarray(keyStart, keyEnd), data };
  }

  private readRun({ firstPage, sizeBytes }: OverflowRun): Buffer {
    const bytes = Buffer.allocUnsafeSlow(PAGE_HEADER_BYTES + sizeBytes);
    this.file.readPages(bytes, firstPage);
    return bytes.subarray(PAGE_HEADER_BYTES);
  }

  /** Checks the pages that hold data of a leaf's nodes. */
  checkOverflows(lastPage: number): void {
    if (!this.hasOverflows) return;
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
}

/** The most bytes of a node: larger data go to pages of their own. */
function maxNodeBytes(pageSize: number): number {
  return (((pageSize - PAGE_HEADER_BYTES) / MIN_NODES) & -2) - POINTER_BYTES;
}
