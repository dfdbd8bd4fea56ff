// Decides which record of each key a compaction at a revision keeps, as etcd's key_index.go does (doCompact, keep). The
// records are given in order, up to that revision:
//
//   compaction at 6         2    3    4    5    6    7
//   key a                   put  put            put        → 6 is kept, the newest at or below
//   key b                        put  put            put   → 4 is kept, 7 is above
//   key c                   put       del                  → nothing
//   key d                   put                 del        → the tombstone at 6 itself, for watchers that start there
//
// What is known of a key is in columns by its number, because there may be millions of keys.

import { KeyNumbers } from '../adt/key-numbers.js';
import { NumberColumn } from '../adt/number-column.js';
import type { Revision, RevisionKey } from './revision.js';

export type TombstoneAtRev =
  /** In compaction, a tombstone at the compact revision itself is kept. */
  | 'kept'
  /** In hashKV, such a tombstone does not count. */
  | 'uncounted'
  /** In older releases, it is deleted as any other (behaviour tombstoneAtCompactRev). */
  | 'dropped'
  /** In some releases, after a restart, it is kept unless it is its key's first record (behaviour restoreTombstone). */
  | 'keptUnlessFirst';

export class KeepSet {
  /** The main revision of the record that is kept, plus one; 0 if none is. */
  private readonly mains = new NumberColumn(Float64Array);
  private readonly subs = new NumberColumn(Float64Array);
  /** 1 for a tombstone at the revision itself. It ends the choice: a put after it in the same transaction is not looked at. */
  private readonly final = new NumberColumn(Uint8Array);
  /** 1 for a key of which a record was taken. */
  private readonly seen = new NumberColumn(Uint8Array);
  private counted = 0;

  /** The keys have numbers, which others may have given them. */
  constructor(
    private readonly atRev: number,
    private readonly tombstoneAtRev: TombstoneAtRev,
    private readonly numbers = new KeyNumbers(),
  ) {}

  /** Takes a record with main at or below the revision. Records must come in order. */
  observe(key: string, revision: RevisionKey): void {
    const id = this.numbers.add(key);
    if (this.final.at(id) === 1) return;
    if (!revision.tombstone) {
      this.set(id, revision);
    } else if (this.endsHere(id, revision)) {
      this.set(id, revision);
      this.final.set(id, 1);
      if (this.tombstoneAtRev === 'uncounted') this.counted--;
    } else {
      this.set(id, undefined);
    }
    if (this.tombstoneAtRev === 'keptUnlessFirst') this.seen.set(id, 1);
  }

  private set(id: number, revision: Revision | undefined): void {
    this.counted += Number(revision !== undefined) - Number(this.mains.at(id) > 0);
    this.mains.set(id, revision === undefined ? 0 : revision.main + 1);
    this.subs.set(id, revision?.sub ?? 0);
  }

  private endsHere(id: number, tombstone: Revision): boolean {
    if (tombstone.main < this.atRev || this.tombstoneAtRev === 'dropped') return false;
    return this.tombstoneAtRev !== 'keptUnlessFirst' || this.seen.at(id) === 1;
  }

  holds(key: string, { main, sub }: Revision): boolean {
    const id = this.numbers.get(key);
    if (id === undefined || this.mains.at(id) !== main + 1 || this.subs.at(id) !== sub) return false;
    return this.tombstoneAtRev !== 'uncounted' || this.final.at(id) === 0;
  }

  /** Returns whether the choice for `key` ended with a tombstone before `revision`, in the same transaction. */
  endedBefore(key: string, { main, sub }: Revision): boolean {
    const id = this.numbers.get(key);
    return id !== undefined && this.final.at(id) === 1 && this.mains.at(id) === main + 1 && this.subs.at(id) < sub;
  }

  /** Whether no record counts. */
  get isEmpty(): boolean {
    return this.counted === 0;
  }
}
