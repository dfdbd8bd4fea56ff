// A leaf page: keys with their values, or with the header of a bucket as value. Element: flags u32 (1: a bucket),
// pos u32, ksize u32, vsize u32. Follows bbolt's leafPageElement.

import { KeyPage } from './key-page.js';
import { PAGE_HEADER_BYTES } from './page-header.js';

/** bbolt takes no notice of the other flags. */
const BUCKET_FLAG = 1;

export class LeafPage extends KeyPage {
  /** bbolt zeroes a page before it writes to it, so data without elements shows that the elements were cleared. */
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

  /** The offset of the value within the page. */
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
