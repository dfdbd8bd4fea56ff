// KeyStates keeps what is known of each key while records go by: a few dozen bytes beside the key itself.

import type { KeyNumbers } from '../../adt/key-numbers.js';
import { NumberColumn } from '../../adt/number-column.js';

/** Stands for no record, where places are kept plus one. */
const NONE = 0;

/** Rows are kept plus two. */
const UNKNOWN = 0;
const NO_ROW = -1;

export class KeyStates {
  private readonly rowOf = new NumberColumn(Uint32Array);
  /** The place of the put that is the key's newest record, plus one. */
  private readonly live = new NumberColumn(Uint32Array);
  /** The place of the record that the compaction would keep, as far as is known, plus one. */
  private readonly survivor = new NumberColumn(Uint32Array);
  /** Whether that choice is final. */
  private readonly final = new NumberColumn(Uint8Array);
  private readonly changes = new NumberColumn(Uint32Array);
  private readonly changedBytes = new NumberColumn(Float64Array);

  /** The keys have numbers, which others may have given them. */
  constructor(private readonly numbers: KeyNumbers) {}

  /** Returns the number of a key. */
  numberOf(key: string): number {
    return this.numbers.add(key);
  }

  isNew(id: number): boolean {
    return this.rowOf.at(id) === UNKNOWN;
  }

  /** Adds a key, with the place of its row; undefined if it belongs to none. */
  add(id: number, row: number | undefined): void {
    this.rowOf.set(id, (row ?? NO_ROW) + 2);
  }

  /** Returns the place of the row of a key; -1 if it belongs to none. */
  row(id: number): number {
    return this.rowOf.at(id) - 2;
  }

  /** Puts each key into the row that has what was in its own. */
  moveRows(movedTo: Int32Array): void {
    for (let id = 0; id < this.numbers.size; id++) {
      const row = this.isNew(id) ? NO_ROW : this.row(id);
      if (row !== NO_ROW) this.rowOf.set(id, movedTo[row]! + 2);
    }
  }

  /** Sets the place of the live record, or undefined, and returns the one before. */
  replaceLive(id: number, place: number | undefined): number | undefined {
    const before = this.live.at(id);
    this.live.set(id, place === undefined ? NONE : place + 1);
    return before === NONE ? undefined : before - 1;
  }

  /** Sets the place of the record that the compaction would keep, or undefined, and returns the one before. */
  replaceSurvivor(id: number, place: number | undefined): number | undefined {
    const before = this.survivor.at(id);
    this.survivor.set(id, place === undefined ? NONE : place + 1);
    return before === NONE ? undefined : before - 1;
  }

  isFinal(id: number): boolean {
    return this.final.at(id) === 1;
  }

  setFinal(id: number): void {
    this.final.set(id, 1);
  }

  /** Counts a change of a key within the range of revisions, and returns whether it is its first. */
  countChange(id: number, bytes: number): boolean {
    const changes = this.changes.at(id);
    this.changes.set(id, changes + 1);
    this.changedBytes.set(id, this.changedBytes.at(id) + bytes);
    return changes === 0;
  }

  /** Yields the keys that changed more than once within the range of revisions. */
  *rewritten(): Iterable<{ key: string; changes: number; bytes: number }> {
    for (let id = 0; id < this.numbers.size; id++) {
      const changes = this.changes.at(id);
      if (changes > 1) yield { key: this.numbers.keyOf(id), changes, bytes: this.changedBytes.at(id) };
    }
  }
}
