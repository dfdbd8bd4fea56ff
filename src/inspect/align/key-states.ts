// The records of a window, by revision and by key: what a key was at a revision. A row for each record has its revision
// and the row of the record before it of the same key; values are read from the file when they are asked for.

import { countBefore } from '../../adt/binary-search.js';
import { KeyNumbers } from '../../adt/key-numbers.js';
import { NumberColumn } from '../../adt/number-column.js';
import type { KeyRange } from '../../mvcc/key-range.js';
import { holdsKey } from '../../mvcc/key-range.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type { StoreReader } from '../../mvcc/store.js';

/** The most keys of a range that are looked at before nothing is said of it. */
const MAX_LOOKED_AT = 1000;
/** The revisions whose records are kept: a few candidates look at the same ones. */
const KEPT_REVISIONS = 8;

export class KeyStates {
  private readonly numbers = new KeyNumbers();
  /** Row 0 is none. */
  private rows = 0;
  private readonly mains = new NumberColumn(Float64Array);
  private readonly subs = new NumberColumn(Float64Array);
  private readonly tombstones = new NumberColumn(Uint8Array);
  private readonly rowsBefore = new NumberColumn(Uint32Array);
  /** The newest row of each key that is still asked for. */
  private readonly newest = new NumberColumn(Uint32Array);
  /** The key whose rows were looked at last, and those rows from the newest on: most often it is asked for again. */
  private walked = -1;
  private walkedRows: number[] = [];
  private readonly kept = new Map<number, readonly StoredRecord[]>();
  /** The first revision of the window at which a key was put with a lease. */
  private readonly leaseRevs = new Map<bigint, number>();
  /** The revisions with deletions, in order. */
  private readonly deletions = new NumberColumn(Float64Array);
  private deletionCount = 0;
  private ordered: readonly number[] | undefined;

  /** Reads all records once. Throws CORRUPT. */
  constructor(private readonly store: StoreReader) {
    for (const record of store.records(0, store.currentRev)) if (!record.isEmpty) this.add(record);
  }

  private add({ key, main, sub, tombstone, lease }: StoredRecord): void {
    const number = this.numbers.add(key);
    const row = ++this.rows;
    this.mains.set(row, main);
    this.subs.set(row, sub);
    this.tombstones.set(row, tombstone ? 1 : 0);
    this.rowsBefore.set(row, this.newest.at(number));
    this.newest.set(number, row);
    if (tombstone && this.deletions.at(this.deletionCount - 1) !== main) this.deletions.set(this.deletionCount++, main);
    if (lease === 0n || main <= this.store.compactRev) return;
    if (!this.leaseRevs.has(lease)) this.leaseRevs.set(lease, main);
  }

  /** Forgets what is newer than a revision: nothing newer will be asked for. */
  private highest = Number.POSITIVE_INFINITY;
  forgetAbove(rev: number): void {
    this.highest = rev;
  }

  /** Returns the row of the put that a key has at a revision; 0 if it is not there. */
  private rowAt(number: number, rev: number): number {
    const row = this.newestUpTo(number, rev);
    return this.tombstones.at(row) === 1 ? 0 : row;
  }

  /** Returns the newest row of a key up to a revision; 0 if there is none. */
  private newestUpTo(number: number, rev: number): number {
    const rows = this.rowsDownTo(number, rev);
    return rows[countBefore(rows.length, (place) => this.mains.at(rows[place]!) > rev)] ?? 0;
  }

  /** Returns the rows of a key from the newest on, down to the first one that is not above a revision, or further. */
  private rowsDownTo(number: number, rev: number): readonly number[] {
    if (this.walked !== number) {
      let newest = this.newest.at(number);
      while (newest !== 0 && this.mains.at(newest) > this.highest) newest = this.rowsBefore.at(newest);
      this.newest.set(number, newest);
      this.walked = number;
      this.walkedRows = newest === 0 ? [] : [newest];
    }
    const rows = this.walkedRows;
    for (let row = rows.at(-1) ?? 0; row !== 0 && this.mains.at(row) > rev; ) {
      row = this.rowsBefore.at(row);
      if (row !== 0) rows.push(row);
    }
    return rows;
  }

  /** Returns the revision of the put that a key has at a revision; 0 if it is not there. */
  modAt(key: string, rev: number): number {
    const number = this.numbers.get(key);
    return number === undefined ? 0 : this.mains.at(this.rowAt(number, rev));
  }

  isLive(key: string, rev: number): boolean {
    const number = this.numbers.get(key);
    return number !== undefined && this.rowAt(number, rev) !== 0;
  }

  /** Returns the put that a key has at a revision; undefined if it is not there. */
  putAt(key: string, rev: number): StoredRecord | undefined {
    const number = this.numbers.get(key);
    const row = number === undefined ? 0 : this.rowAt(number, rev);
    if (row === 0) return undefined;
    return this.store.storedRecord({ main: this.mains.at(row), sub: this.subs.at(row), tombstone: false });
  }

  /** Tells whether a key of a range is there at a revision; undefined if that would take too long. */
  someLive(range: KeyRange, rev: number): boolean | undefined {
    if (range.end === undefined) return this.isLive(range.key, rev);
    const ordered = this.order();
    let place = countBefore(ordered.length, (at) => this.numbers.keyOf(ordered[at]!) < range.key);
    for (let looked = 0; looked < MAX_LOOKED_AT; looked++, place++) {
      const number = ordered[place];
      if (number === undefined || !holdsKey(range, this.numbers.keyOf(number))) return false;
      if (this.rowAt(number, rev) !== 0) return true;
    }
    return undefined;
  }

  /** Returns the numbers of all keys in the order of the keys. */
  private order(): readonly number[] {
    if (this.ordered === undefined) {
      const keys = Array.from({ length: this.numbers.size }, (_, number) => this.numbers.keyOf(number));
      this.ordered = keys.map((_, number) => number).sort((a, b) => (keys[a]! < keys[b]! ? -1 : 1));
    }
    return this.ordered;
  }

  /** Returns the revisions between two, both included, that change one of the keys, or `orDeletes` any; in order. */
  revsOf(keys: Iterable<string>, lo: number, hi: number, orDeletes: boolean): readonly number[] {
    const revs = new Set<number>();
    for (const key of keys) {
      const number = this.numbers.get(key);
      if (number === undefined) continue;
      for (const row of this.rowsDownTo(number, lo)) {
        const main = this.mains.at(row);
        if (lo <= main && main <= hi) revs.add(main);
      }
    }
    if (orDeletes) {
      let place = countBefore(this.deletionCount, (at) => this.deletions.at(at) < lo);
      for (; place < this.deletionCount && this.deletions.at(place) <= hi; place++) revs.add(this.deletions.at(place));
    }
    return [...revs].sort((a, b) => a - b);
  }

  /** Returns the first revision of the window at which a key was put with a lease. */
  firstWithLease(id: bigint): number | undefined {
    return this.leaseRevs.get(id);
  }

  /** Returns the records of a main revision. */
  recordsOf(main: number): readonly StoredRecord[] {
    const kept = this.kept.get(main);
    if (kept !== undefined) return kept;
    const records = [...this.store.records(main, main)];
    if (this.kept.size >= KEPT_REVISIONS)
      for (const oldest of this.kept.keys()) {
        this.kept.delete(oldest);
        break;
      }
    this.kept.set(main, records);
    return records;
  }
}
