// A leaf page holds keys with their values; the value of a bucket's name is the bucket's header. An element is flags
// u32 (1: a bucket), pos u32, ksize u32, vsize u32. This file follows bbolt's leafPageElement.

import { KeyPage } from './key-page.js';
import { PAGE_HEADER_BYTES } from './page-header.js';

/** The only flag there is; bbolt ignores all others. */
const BUCKET_FLAG = 1;

export class LeafPage extends KeyPage {
  /** Tells whether all elements were cleared: bbolt zeroes a page before it writes to it, and here is still data. */
  isCleared(): boolean {
    return this.count === 0 && this.bytes.subarray(PAGE_HEADER_BYTES).some((byte) => byte !== 0);
  }

  isBucket(index: number): boolean {
    return (this.flags(index) & BUCKET_FLAG) !== 0;
  }

  value(index: number): Buffer {
    const start = this.valueStart(index);
    return this.bytes.subarray(start, start + this.valueSize(index));
  }

  /** Returns the offset of a value within the page. */
  valueStart(index: number): number {
    return this.keyStart(index) + this.keySize(index);
  }

  protected override keyStart(index: number): number {
    const start = this.elementStart(index);
    return start + this.bytes.readUInt32LE(start + 4);
  }

  protected override keySize(index: number): number {
    return this.bytes.readUInt32LE(this.elementStart(index) + 8);
  }

  protected override valueSize(index: number): number {
    return this.bytes.readUInt32LE(this.elementStart(index) + 12);
  }

  private flags(index: number): number {
    return this.bytes.readUInt32LE(this.elementStart(index));
  }
}
