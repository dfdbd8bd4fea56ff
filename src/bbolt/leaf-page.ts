// A leaf page: keys with their values, or with the header of a bucket as value. Element: flags u32 (1: a bucket),
// pos u32, ksize u32, vsize u32. Follows bbolt's leafPageElement.

import { corrupt, corruptAt, type Place } from './damage.js';
import { KeyPage } from './key-page.js';
import { PAGE_HEADER_BYTES } from './page-header.js';

const BUCKET_FLAG = 1;

export class LeafPage extends KeyPage {
  constructor(place: Place, bytes: Buffer, count: number) {
    super(place, bytes, count);
    // bbolt zeroes a page before it writes to it, so this tells an empty page from one that lost its count.
    if (count === 0 && bytes.subarray(PAGE_HEADER_BYTES).some((byte) => byte !== 0)) {
      throw corruptAt(place, 'a leaf page without elements, but with data');
    }
    for (let i = 0; i < count; i++) {
      const flags = this.flags(i);
      if (flags !== 0 && flags !== BUCKET_FLAG) {
        throw corrupt(`${this.describeElement(i)}: unknown flags 0x${flags.toString(16)}`);
      }
    }
  }

  isBucket(index: number): boolean {
    return this.flags(index) === BUCKET_FLAG;
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
