// A KeyPage is what branch and leaf pages have in common: a table of 16-byte elements behind the header, then the keys
// (and values) in the same order without gaps. `pos` in an element counts from the element's own start.
//
//   header | element 0 | element 1 | … | key 0, value 0 | key 1, value 1 | … | unused
//
// The repair tool `bbolt surgery clear-page-elements` takes elements off the end of the table: it only lowers the
// count. Their 16 bytes each stay where they were, and so does all data:
//
//   header | element 0 | 16 bytes of what was element 1 | key 0, value 0 | … | unused
//
// Differs from bbolt, which trusts an element's pos and sizes: neither bbolt nor its tools leave a gap of another kind.
// Such a gap shows that a pos or a size is damaged, and bbolt would read wrong bytes. It is refused.

import { countBefore } from '../adt/binary-search.js';
import { corrupt, corruptAt, describeKey, describePlace, type Place } from './damage.js';
import { PAGE_HEADER_BYTES } from './page-header.js';

const ELEMENT_BYTES = 16;

export abstract class KeyPage {
  /** The number of bytes of the page that are in use, from its start. */
  readonly contentBytes: number;
  /** The number of elements that were taken off the end of the table; 0 if none are left. */
  readonly clearedElements: number;

  constructor(
    readonly place: Place,
    readonly bytes: Buffer,
    readonly count: number,
  ) {
    this.clearedElements = this.countCleared();
    this.contentBytes = this.checkedContentBytes();
    this.checkOrder();
  }

  /** Returns the offset of a key within the page, as its element has it. */
  protected abstract keyStart(index: number): number;
  protected abstract keySize(index: number): number;
  protected abstract valueSize(index: number): number;

  key(index: number): Buffer {
    const start = this.keyStart(index);
    return this.bytes.subarray(start, start + this.keySize(index));
  }

  /** Returns a negative number, 0 or a positive number if the element's key is below, equal to or above `key`. */
  compareKey(index: number, key: Buffer): number {
    const start = this.keyStart(index);
    return this.bytes.compare(key, 0, key.length, start, start + this.keySize(index));
  }

  /** Returns the first element whose key is not below `key`; `count` if there is none. */
  lowerBound(key: Buffer): number {
    return countBefore(this.count, (index) => this.compareKey(index, key) < 0);
  }

  describeElement(index: number): string {
    const offset = this.place.offset + this.elementStart(index);
    return `${describePlace(this.place)}, element ${index} (byte ${offset})`;
  }

  protected elementStart(index: number): number {
    return PAGE_HEADER_BYTES + index * ELEMENT_BYTES;
  }

  /** Counts the elements between the end of the table and the first key. */
  private countCleared(): number {
    const tableEnd = this.elementStart(this.count);
    if (tableEnd > this.bytes.length) {
      throw corruptAt(this.place, `${this.count} elements do not fit in its ${this.bytes.length} bytes`);
    }
    if (this.count === 0) return 0;
    const gapBytes = this.keyStart(0) - tableEnd;
    return gapBytes > 0 && gapBytes % ELEMENT_BYTES === 0 ? gapBytes / ELEMENT_BYTES : 0;
  }

  /** Returns where the data ends. Throws CORRUPT unless keys and values lie within the page, one behind the other. */
  private checkedContentBytes(): number {
    let end = this.elementStart(this.count + this.clearedElements);
    for (let i = 0; i < this.count; i++) {
      const start = this.keyStart(i);
      const keySize = this.keySize(i);
      if (start !== end) {
        throw corrupt(`${this.describeElement(i)}: its key starts at byte ${start} of the page, expected ${end}`);
      }
      if (keySize === 0) throw corrupt(`${this.describeElement(i)}: its key is empty`);
      end += keySize + this.valueSize(i);
      if (end > this.bytes.length) {
        throw corrupt(
          `${this.describeElement(i)}: its data ends at byte ${end} of the page, which has ${this.bytes.length}`,
        );
      }
    }
    return end;
  }

  private checkOrder(): void {
    for (let i = 1; i < this.count; i++) {
      const before = this.keyStart(i - 1);
      const start = this.keyStart(i);
      const order = this.bytes.compare(
        this.bytes,
        before,
        before + this.keySize(i - 1),
        start,
        start + this.keySize(i),
      );
      if (order > 0) continue;
      const keys = `${describeKey(this.key(i))} is not above ${describeKey(this.key(i - 1))}`;
      throw corrupt(`${this.describeElement(i)}: its key ${keys} before it`);
    }
  }
}
