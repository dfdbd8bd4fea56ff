// KeyStates keeps what is known of each key while records go by: a few dozen bytes beside the key itself.

import { withRoom } from '../../adt/growing-array.js';
import type { KeyNumbers } from '../../adt/key-numbers.js';

/** Stands for no record, where places are kept plus one. */
const NONE = 0;

/** Rows are kept plus two. */
const UNKNOWN = 0;
const NO_ROW = -1;
const FIRST_KEYS = 1024;

export class KeyStates {
  private rowOf = new Uint32Array(FIRST_KEYS);
  /** The place of the put that is the key's newest record, plus one. */
  private live = new Uint32Array(FIRST_KEYS);
  /** The place of the record that the compaction would keep, as far as is known, plus one. */
  private survivor = new Uint32Array(FIRST_KEYS);
  /** Whether that choice is final. */
  private final = new Uint8Array(FIRST_KEYS);
  private changes = new Uint32Array(FIRST_KEYS);
  private changedBytes = new Float64Array(FIRST_KEYS);

  /** The keys have numbers, which others may have given them. */
  constructor(private readonly numbers: KeyNumbers) {}

  /** Returns the number of a key. */
  numberOf(key: string): number {
    return this.numbers.add(key);
  }

  isNew(id: number): boolean {
    return id >= this.rowOf.length || this.rowOf[id] === UNKNOWN;
  }

  /** Adds a key, with the place of its row; undefined if it belongs to none. */
  add(id: number, row: number | undefined): void {
    this.rowOf = withRoom(this.rowOf, id + 1);
    this.live = withRoom(this.live, id + 1);
    this.survivor = withRoom(this.survivor, id + 1);
    this.final = withRoom(this.final, id + 1);
    this.changes = withRoom(this.changes, id + 1);
    this.changedBytes = withRoom(this.changedBytes, id + 1);
    this.rowOf[id] = (row ?? NO_ROW) + 2;
  }

  /** Returns the place of the row of a key; -1 if it belongs to none. */
  row(id: number): number {
    return this.rowOf[id]! - 2;
  }

  /** Puts each key into the row that has what was in its own. */
  moveRows(movedTo: Int32Array): void {
    for (let id = 0; id < this.numbers.size; id++) {
      const row = this.isNew(id) ? NO_ROW : this.row(id);
      if (row !== NO_ROW) this.rowOf[id] = movedTo[row]! + 2;
    }
  }

  /** Sets the place of the live record, or undefined, and returns the one before. */
  replaceLive(id: number, place: number | undefined): number | undefined {
    const before = this.live[id]!;
    this.live[id] = place === undefined ? NONE : place + 1;
    return before === NONE ? undefined : before - 1;
  }

  /** Sets the place of the record that the compaction would keep, or undefined, and returns the one before. */
  replaceSurvivor(id: number, place: number | undefined): number | undefined {
    const before = this.survivor[id]!;
    this.survivor[id] = place === undefined ? NONE : place + 1;
    return before === NONE ? undefined : before - 1;
  }

  isFinal(id: number): boolean {
    return this.final[id] === 1;
  }

  setFinal(id: number): void {
    this.final[id] = 1;
  }

  /** Counts a change of a key within the range of revisions, and returns whether it is its first. */
  countChange(id: number, bytes: number): boolean {
    this.changedBytes[id]! += bytes;
    return this.changes[id]!++ === 0;
  }

  /** Yields the keys that changed more than once within the range of revisions. */
  *rewritten(): Iterable<{ key: string; changes: number; bytes: number }> {
    for (let id = 0; id < this.numbers.size; id++) {
      const changes = this.changes[id] ?? 0;
      if (changes > 1) yield { key: this.numbers.keyOf(id), changes, bytes: this.changedBytes[id]! };
    }
  }
}
