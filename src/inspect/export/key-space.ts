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
// The choice takes a bit for each record, and an entry for each key while it is made.

import { BitList } from '../../adt/bit-list.js';
import type { StoredRecord } from '../../mvcc/record.js';

export class KeySpace {
  private readonly chosen = new BitList();
  private readonly newest = new Map<string, number>();

  constructor(private readonly atRev: number) {}

  /** Takes the next record, in order, up to the revision. */
  observe({ key, main, tombstone }: StoredRecord): void {
    const before = this.newest.get(key);
    if (before !== undefined) this.chosen.clear(before);
    const isChosen = !tombstone || main === this.atRev;
    if (isChosen) this.newest.set(key, this.chosen.length);
    else this.newest.delete(key);
    this.chosen.push(isChosen);
  }

  /** Ends the choice, and returns a function that tells whether the record with an index, from 0 on, is chosen. */
  choice(): (index: number) => boolean {
    this.newest.clear();
    return (index) => this.chosen.has(index);
  }
}
