// KeyStates keeps what is known of each key while records go by: a few dozen bytes beside the key itself.

import { withRoom } from '../../adt/growing-array.js';

/** Stands for no record, where places are kept plus one. */
const NONE = 0;

export class KeyStates {
  private readonly ids = new Map<string, number>();
  private rowOf = new Int32Array(1024);
  /** The place of the put that is the key's newest record, plus one. */
  private live = new Uint32Array(1024);
  /** The place of the record that the compaction would keep, as far as is known, plus one. */
  private survivor = new Uint32Array(1024);
  /** Whether that choice is final. */
  private final = new Uint8Array(1024);
  private changes = new Uint32Array(1024);
  private changedBytes = new Float64Array(1024);

  /** Returns the number of a key; -1 if it is new. */
  find(key: string): number {
    return this.ids.get(key) ?? -1;
  }

  /** Adds a key, with the place of its row; -1 if it belongs to none. Returns its number. */
  add(key: string, row: number): number {
    const id = this.ids.size;
    this.ids.set(key, id);
    this.rowOf = withRoom(this.rowOf, id + 1);
    this.live = withRoom(this.live, id + 1);
    this.survivor = withRoom(this.survivor, id + 1);
    this.final = withRoom(this.final, id + 1);
    this.changes = withRoom(this.changes, id + 1);
    this.changedBytes = withRoom(this.changedBytes, id + 1);
    this.rowOf[id] = row;
    return id;
  }

  row(id: number): number {
    return this.rowOf[id]!;
  }

  /** Puts each key into the row that has what was in its own. */
  moveRows(movedTo: Int32Array): void {
    for (let id = 0; id < this.ids.size; id++) {
      const row = this.rowOf[id]!;
      if (row >= 0) this.rowOf[id] = movedTo[row]!;
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

  /** Yields the keys that changed within the range of revisions. */
  *changed(): Iterable<{ key: string; changes: number; bytes: number }> {
    for (const [key, id] of this.ids) {
      const changes = this.changes[id]!;
      if (changes > 0) yield { key, changes, bytes: this.changedBytes[id]! };
    }
  }
}
