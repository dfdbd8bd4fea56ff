// A KeyPage is what branch and leaf pages have in common: a table of 16-byte elements behind the header, then the keys
// (and values) in the same order without gaps. `pos` in an element counts from the element's own start.
//
//   header | element 0 | element 1 | … | key 0, value 0 | key 1, value 1 | … | unused
//
// The repair tool `bbolt surgery clear-page-elements` takes elements away, and leaves their bytes. It takes them off the
// end of the table by lowering the count, which leaves a gap, or from within by moving the others down:
//
//   header | element 0 | 16 bytes of what was element 1 | key 0, value 0 | key 1, value 1, of which no element tells
//   header | element 1 | key 1, value 1 | the rest of the page as it was, which ends in a second copy of the last value
//
// bbolt itself never leaves either: it zeroes a page before it writes to it. So a gap is taken only if what is there are
// elements that tell of the data behind; bytes behind the data only if they end as the last element does. All else shows
// that a count, a pos or a size is damaged, and is refused, where bbolt would read wrong bytes. A count that is too low
// and nothing else looks exactly as what the tool leaves. That page is read, as bbolt reads it, and is known as cleared:
// whoever answers from it says so.

import { countBefore } from '../adt/binary-search.js';
import { corrupt, corruptAt, describeKey, describePlace, type Place } from './damage.js';
import { PAGE_HEADER_BYTES } from './page-header.js';
import { usedBytes } from './used-bytes.js';

const ELEMENT_BYTES = 16;
const SHORT_KEY_BYTES = 64;

/** What is to be said of pages that are cleared. */
export const CLEARED =
  'elements have been taken off, as `bbolt surgery` does; a damaged count looks the same. What they held is missing ' +
  'here, and etcd does not read it either';

/** Returns the offset behind a table of `count` elements, which is the offset of the next element. */
export function tableEnd(count: number): number {
  return PAGE_HEADER_BYTES + count * ELEMENT_BYTES;
}

export abstract class KeyPage {
  /** The number of bytes of the page that are in use, from its start. */
  readonly contentBytes: number;
  /** The number of elements that were taken off the end of the table. */
  readonly clearedElements: number;
  /** Whether elements were taken away, off the end or from within. */
  readonly isCleared: boolean;

  constructor(
    readonly place: Place,
    readonly bytes: Buffer,
    readonly count: number,
  ) {
    this.clearedElements = this.countCleared();
    this.contentBytes = this.checkedContentBytes();
    this.checkOrder();
    const isMoved = this.checkRest(this.checkedClearedEnd());
    this.isCleared = this.clearedElements > 0 || isMoved;
  }

  /** Returns the offset of a key within the page, as its element has it. */
  protected abstract keyStart(index: number): number;
  abstract keySize(index: number): number;
  abstract valueSize(index: number): number;

  key(index: number): Buffer {
    const start = this.keyStart(index);
    return this.bytes.subarray(start, start + this.keySize(index));
  }

  /** Returns a negative number, 0 or a positive number if the element's key is below, equal to or above `key`. */
  compareKey(index: number, key: Buffer): number {
    return compareBytes(this.bytes, this.keyStart(index), this.keySize(index), key, 0, key.length);
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
    return tableEnd(index);
  }

  /** Counts the elements between the end of the table and the first key. */
  private countCleared(): number {
    const end = this.elementStart(this.count);
    if (end > this.bytes.length) {
      throw corruptAt(this.place, `${this.count} elements do not fit in its ${this.bytes.length} bytes`);
    }
    // Where no element is left, what was the first one says where the first key is.
    if (this.elementStart(1) > this.bytes.length) return 0;
    const gapBytes = this.keyStart(0) - end;
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

  /**
   * Returns where the data of the elements that were taken off ends, which may be behind the end of the page. Throws
   * CORRUPT unless they tell of data that follows on what is left.
   */
  private checkedClearedEnd(): number {
    let end = this.contentBytes;
    for (let i = this.count; i < this.count + this.clearedElements; i++) {
      if (this.elementStart(i + 1) > this.bytes.length) break;
      if (this.keyStart(i) !== end || this.keySize(i) === 0) {
        throw corruptAt(
          this.place,
          `there is room for ${this.clearedElements} more elements before its first key, but no elements that tell of its data`,
        );
      }
      end += this.keySize(i) + this.valueSize(i);
    }
    return end;
  }

  /** Checks the bytes from `end` on, and tells whether the page has more data than its elements tell of. */
  private checkRest(end: number): boolean {
    const restEnd = usedBytes(this.bytes, end);
    if (restEnd <= end) return false;
    const last = this.count + this.clearedElements - 1;
    if (last >= 0 && this.isCopy(this.keyStart(last), end, restEnd)) return true;
    throw corruptAt(
      this.place,
      `byte ${restEnd - 1} of the page is not 0, but its data ends at byte ${end}: a count or a size is too small`,
    );
  }

  /** Tells whether [end, restEnd) can be what was the end of the page before [start, end) was moved down. */
  private isCopy(start: number, end: number, restEnd: number): boolean {
    const zeros = end - usedBytes(this.bytes.subarray(0, end), start);
    const movedBytes = restEnd + zeros - end;
    const seenBytes = Math.min(restEnd - end, end - zeros - start);
    const copy = this.bytes.subarray(restEnd - seenBytes, restEnd);
    return movedBytes > ELEMENT_BYTES && copy.equals(this.bytes.subarray(end - zeros - seenBytes, end - zeros));
  }

  private checkOrder(): void {
    for (let i = 1; i < this.count; i++) {
      const [before, start] = [this.keyStart(i - 1), this.keyStart(i)];
      if (compareBytes(this.bytes, start, this.keySize(i), this.bytes, before, this.keySize(i - 1)) > 0) continue;
      const keys = `${describeKey(this.key(i))} is not above ${describeKey(this.key(i - 1))}`;
      throw corrupt(`${this.describeElement(i)}: its key ${keys} before it`);
    }
  }
}

/**
 * Returns a negative number, 0 or a positive number if some bytes are below, equal to or above others. For keys as short as
 * most, a loop takes a fraction of the time of a call.
 */
function compareBytes(
  bytes: Buffer,
  start: number,
  size: number,
  others: Buffer,
  otherStart: number,
  otherSize: number,
): number {
  const common = Math.min(size, otherSize);
  if (common > SHORT_KEY_BYTES) return bytes.compare(others, otherStart, otherStart + otherSize, start, start + size);
  for (let at = 0; at < common; at++) {
    const difference = bytes[start + at]! - others[otherStart + at]!;
    if (difference !== 0) return difference;
  }
  return size - otherSize;
}
