// A branch page holds, for each of its child pages, the child's id and a key that is not above any key of that child.
// An element is pos u32, ksize u32, page id u64. This file follows bbolt's branchPageElement.

import { corruptAt, type Place } from './damage.js';
import { KeyPage, tableEnd } from './key-page.js';
import { readU64LE } from './u64.js';

export class BranchPage extends KeyPage {
  /** Adds up what the table says: where its data ends, if it is as it should be. The bytes may end behind the table. */
  static contentBytes(table: Buffer, count: number): number {
    if (count === 0) return tableEnd(0);
    let end = tableEnd(0) + table.readUInt32LE(tableEnd(0));
    for (let i = 0; i < count && tableEnd(i + 1) <= table.length; i++) {
      const start = tableEnd(i);
      end += table.readUInt32LE(start + 4);
    }
    return end;
  }

  constructor(place: Place, bytes: Buffer, count: number) {
    super(place, bytes, count);
    if (count === 0) throw corruptAt(place, 'a branch page without elements');
  }

  child(index: number): number {
    return readU64LE(this.bytes, this.elementStart(index) + 8);
  }

  /** Returns the only child that may hold `key`. */
  childFor(key: Buffer): number {
    const index = this.lowerBound(key);
    return index < this.count && this.compareKey(index, key) === 0 ? index : Math.max(index - 1, 0);
  }

  /** Returns the last child that may hold keys below `key`; the first child if none may. */
  childBelow(key: Buffer): number {
    return Math.max(this.lowerBound(key) - 1, 0);
  }

  protected override keyStart(index: number): number {
    const start = this.elementStart(index);
    return start + this.bytes.readUInt32LE(start);
  }

  override keySize(index: number): number {
    return this.bytes.readUInt32LE(this.elementStart(index) + 4);
  }

  override valueSize(): number {
    return 0;
  }
}
