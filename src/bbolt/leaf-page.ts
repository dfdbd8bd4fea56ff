// A leaf page holds keys with their values; the value of a bucket's name is the bucket's header. An element is flags
// u32 (1: a bucket), pos u32, ksize u32, vsize u32. This file follows bbolt's leafPageElement.

import { KeyPage, tableEnd } from './key-page.js';

/** The only flag there is; bbolt ignores all others. */
const BUCKET_FLAG = 1;

export class LeafPage extends KeyPage {
  /** Adds up what the table says: where its data ends, if it is as it should be. The bytes may end behind the table. */
  static contentBytes(table: Buffer, count: number): number {
    if (count === 0) return tableEnd(0);
    let end = tableEnd(0) + table.readUInt32LE(tableEnd(0) + 4);
    for (let i = 0; i < count && tableEnd(i + 1) <= table.length; i++) {
      const start = tableEnd(i);
      end += table.readUInt32LE(start + 8) + table.readUInt32LE(start + 12);
    }
    return end;
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

  override keySize(index: number): number {
    return this.bytes.readUInt32LE(this.elementStart(index) + 8);
  }

  override valueSize(index: number): number {
    return this.bytes.readUInt32LE(this.elementStart(index) + 12);
  }

  private flags(index: number): number {
    return this.bytes.readUInt32LE(this.elementStart(index));
  }
}
