// Chooses the records that are the key space as of a revision: of each key the newest one, and no tombstone but those of
// the revision itself, which a watch from there on delivers. It is what a compaction at that revision leaves:
//
//   as of 6    2    3    4    5    6
//   key a      put  put            put   → 6
//   key b           put  put             → 4
//   key c      put       del             → nothing
//   key d           put            del   → the tombstone at 6
//
// Differs from etcd: where a transaction at the revision has deleted a key and put it again, the put is chosen; etcd's
// compaction would lose it (keep-set.ts).
//
// The choice takes a bit for each record, and a few dozen bytes and its name for each key while it is made.

import { BitList } from '../../adt/bit-list.js';
import { KeyNumbers } from '../../adt/key-numbers.js';
import { NumberColumn } from '../../adt/number-column.js';
import type { StoredRecord } from '../../mvcc/record.js';

export class KeySpace {
  private readonly chosen = new BitList();
  private readonly keys = new KeyNumbers();
  /** For each key, the index of the record that is chosen so far plus one; 0 for none. */
  private readonly newest = new NumberColumn(Float64Array);

  constructor(private readonly atRev: number) {}

  /** Takes the next record, in order, up to the revision. */
  observe({ key, main, tombstone }: StoredRecord): void {
    const number = this.keys.add(key);
    const before = this.newest.at(number);
    if (before > 0) this.chosen.clear(before - 1);
    const isChosen = !tombstone || main === this.atRev;
    this.chosen.push(isChosen);
    this.newest.set(number, isChosen ? this.chosen.length : 0);
  }

  /** Ends the choice, and returns a function that tells whether the record with an index, from 0 on, is chosen. */
  choice(): (index: number) => boolean {
    // Only this is kept of the choice.
    const { chosen } = this;
    return (index) => chosen.has(index);
  }
}
