// The keys of two key spaces in one table: what one side has of a key and what the other has stand in one row, because
// most keys are on both. A row takes some 70 bytes beside the key itself.

import { KeyNumbers } from '../../adt/key-numbers.js';
import { NumberColumn } from '../../adt/number-column.js';
import type { Revision, RevisionKey } from '../../mvcc/revision.js';

/** Which of the two. */
export type Side = 0 | 1;
export const SIDES = [0, 1] as const;

/** The place of a record among those of its side, counted from 1; 0 is none. */
const NONE = 0;
/** A tombstone at the very revision of a compaction has ended the choice of what it keeps. */
const ENDED = 0xffff_ffff;

/**
 * Which record of each key a compaction at a revision keeps, of those that are given in order: as KeepSet, in 4 bytes a
 * key. Records are named by their places.
 */
export class KeptPlaces {
  private readonly places = new NumberColumn(Uint32Array);
  private kept = 0;

  constructor(private readonly atRev: number) {}

  /** Takes a record with main at or below the revision. */
  observe(row: number, place: number, { main, tombstone }: RevisionKey): void {
    const before = this.places.at(row);
    if (before === ENDED) return;
    const after = tombstone ? (main < this.atRev ? NONE : ENDED) : place;
    this.kept += Number(isPlace(after)) - Number(isPlace(before));
    this.places.set(row, after);
  }

  holds(row: number, place: number): boolean {
    return this.places.at(row) === place;
  }

  /** Whether no key is left. */
  get isEmpty(): boolean {
    return this.kept === 0;
  }
}

function isPlace(place: number): boolean {
  return place !== NONE && place !== ENDED;
}

/** The newest revision of each key on one side. */
export class NewestRevisions {
  /** Negative for a tombstone, 0 for a key that the side does not have. */
  private readonly mains = new NumberColumn(Float64Array);
  private readonly subs = new NumberColumn(Float64Array);

  set(row: number, { main, sub, tombstone }: RevisionKey): void {
    this.mains.set(row, tombstone ? -main : main);
    this.subs.set(row, sub);
  }

  /** Returns the main revision, negative for a tombstone, and 0 for a key that is not there. */
  signedMain(row: number): number {
    return this.mains.at(row);
  }

  isAlive(row: number): boolean {
    return this.mains.at(row) > 0;
  }

  /** Returns the revision of a key that is alive. */
  at(row: number): Revision {
    return { main: this.mains.at(row), sub: this.subs.at(row) };
  }

  /** Tells whether a put is the newest revision of its key. */
  holds(row: number, { main, sub }: Revision): boolean {
    return this.mains.at(row) === main && this.subs.at(row) === sub;
  }

  /** Tells whether a key has the same newest revision on another side. */
  isAs(other: NewestRevisions, row: number): boolean {
    return this.mains.at(row) === other.mains.at(row) && this.subs.at(row) === other.subs.at(row);
  }
}

/** What was found when two records of a key were compared. */
const SAME = 1;
const DIFFERENT = 2;

export class KeyStates {
  private readonly rows = new KeyNumbers();
  private readonly verdicts = new NumberColumn(Uint8Array);
  readonly newest: readonly [NewestRevisions, NewestRevisions] = [new NewestRevisions(), new NewestRevisions()];

  /** Returns the row of a key, and makes one if there is none. */
  rowFor(key: string): number {
    return this.rows.add(key);
  }

  /** Returns the row of a key that has one. */
  rowOf(key: string): number | undefined {
    return this.rows.get(key);
  }

  /** The number of rows. They are numbered from 0, in no order that means anything. */
  get size(): number {
    return this.rows.size;
  }

  keyOf(row: number): string {
    return this.rows.keyOf(row);
  }

  /** Notes what a comparison of the records of both sides has found. */
  judge(row: number, same: boolean): void {
    this.verdicts.set(row, same ? SAME : DIFFERENT);
  }

  /**
   * Tells whether a key that is alive on both sides is the same. Without a comparison, records of one revision are the
   * same, and others are not.
   */
  isSame(row: number): boolean {
    const verdict = this.verdicts.at(row);
    return verdict === 0 ? this.newest[0].isAs(this.newest[1], row) : verdict === SAME;
  }
}
