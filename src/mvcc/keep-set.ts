// Decides which record of each key a compaction at a revision keeps, as etcd's key_index.go does (doCompact, keep). The
// records are given in order, up to that revision:
//
//   compaction at 6         2    3    4    5    6    7
//   key a                   put  put            put        → 6 is kept, the newest at or below
//   key b                        put  put            put   → 4 is kept, 7 is above
//   key c                   put       del                  → nothing
//   key d                   put                 del        → the tombstone at 6 itself, for watchers that start there

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

interface Survivor extends Revision {
  /** A tombstone at the revision itself ends the choice: a put after it in the same transaction is not looked at. */
  final: boolean;
  uncounted: boolean;
}

export class KeepSet {
  private readonly survivors = new Map<string, Survivor>();
  private uncounted = 0;
  private readonly seen = new Set<string>();

  constructor(
    private readonly atRev: number,
    private readonly tombstoneAtRev: TombstoneAtRev,
  ) {}

  /** Takes a record with main at or below the revision. Records must come in order. */
  observe(key: string, revision: RevisionKey): void {
    if (this.survivors.get(key)?.final) return;
    if (!revision.tombstone) {
      this.survivors.set(key, { main: revision.main, sub: revision.sub, final: false, uncounted: false });
    } else if (this.endsHere(key, revision)) {
      const uncounted = this.tombstoneAtRev === 'uncounted';
      if (uncounted) this.uncounted++;
      this.survivors.set(key, { main: revision.main, sub: revision.sub, final: true, uncounted });
    } else {
      this.survivors.delete(key);
    }
    if (this.tombstoneAtRev === 'keptUnlessFirst') this.seen.add(key);
  }

  private endsHere(key: string, tombstone: Revision): boolean {
    if (tombstone.main < this.atRev || this.tombstoneAtRev === 'dropped') return false;
    return this.tombstoneAtRev !== 'keptUnlessFirst' || this.seen.has(key);
  }

  holds(key: string, revision: Revision): boolean {
    const survivor = this.survivors.get(key);
    return (
      survivor !== undefined && !survivor.uncounted && survivor.main === revision.main && survivor.sub === revision.sub
    );
  }

  /** Returns whether the choice for `key` ended with a tombstone before `revision`, in the same transaction. */
  endedBefore(key: string, revision: Revision): boolean {
    const survivor = this.survivors.get(key);
    return survivor?.final === true && survivor.main === revision.main && survivor.sub < revision.sub;
  }

  get isEmpty(): boolean {
    return this.survivors.size === this.uncounted;
  }
}
