// A branch page: for each child page its id and a key that none of its keys is below. Element: pos u32, ksize u32,
// page id u64. Follows bbolt's branchPageElement.

import { corruptAt, type Place } from './damage.js';
import { KeyPage } from './key-page.js';
import { readU64LE } from './u64.js';

export class BranchPage extends KeyPage {
  constructor(place: Place, bytes: Buffer, count: number) {
    super(place, bytes, count);
    if (count === 0) throw corruptAt(place, 'a branch page without elements');
  }

  child(index: number): number {
    return readU64LE(this.bytes, this.elementStart(index) + 8);
  }

  /** The child that holds `key` if any does. */
  childFor(key: Buffer): number {
    const index = this.lowerBound(key);
    return index < this.count && this.compareKey(index, key) === 0 ? index : Math.max(index - 1, 0);
  }

  /** The last child that may hold keys below `key`; the first if none does. */
  childBelow(key: Buffer): number {
    return Math.max(this.lowerBound(key) - 1, 0);
  }

  protected override keyStart(index: number): number {
    const start = this.elementStart(index);
    return start + this.bytes.readUInt32LE(start);
  }

  protected override keySize(index: number): number {
    return this.bytes.readUInt32LE(this.elementStart(index) + 4);
  }

  protected override valueSize(): number {
    return 0;
  }
}
