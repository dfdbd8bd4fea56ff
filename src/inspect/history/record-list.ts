// A list of records by their revisions, oldest first, in which each knows the one of its key before it. It takes 16 bytes
// for each record, and some more for each key.

import { AscendingList } from '../../adt/ascending-list.js';
import { KeyNumbers } from '../../adt/key-numbers.js';
import { NumberColumn } from '../../adt/number-column.js';
import { WholeNumbers } from '../../adt/whole-numbers.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type { RevisionKey } from '../../mvcc/revision.js';

/** The sub-revision and the mark of a tombstone share a number. */
const MARKS = 2;

export class RecordList {
  private readonly mains = new AscendingList();
  private readonly subs = new WholeNumbers();
  /** For each record 1 + the place of the one before; 0 if there is none. */
  private readonly befores = new WholeNumbers();
  private readonly numbers = new KeyNumbers();
  /** For each key 1 + the place of its last record so far. */
  private readonly lasts = new NumberColumn(Float64Array);
  /** For each key the number of its life. */
  private readonly generations = new NumberColumn(Uint32Array);

  get length(): number {
    return this.mains.length;
  }

  add({ key, main, sub, tombstone }: StoredRecord): void {
    const place = this.length;
    const number = this.numbers.add(key);
    const last = this.lasts.at(number);
    this.befores.push(last);
    if (last === 0 || this.revision(last - 1).tombstone) this.addToGeneration(number, 1);
    this.lasts.set(number, place + 1);
    this.mains.push(main);
    this.subs.push(MARKS * sub + (tombstone ? 1 : 0));
  }

  revision(place: number): RevisionKey {
    const sub = this.subs.at(place);
    return { main: this.mains.at(place)!, sub: Math.floor(sub / MARKS), tombstone: sub % MARKS === 1 };
  }

  /** Returns the place of the record before, of the same key; undefined if none is in the list. */
  placeBefore(place: number): number | undefined {
    const before = this.befores.at(place);
    return before === 0 ? undefined : before - 1;
  }

  /**
   * Returns the number of the life that a record belongs to, and forgets the life if the record begins it. It must be
   * called for the records of a key from the newest back.
   */
  takeGeneration(key: string, place: number): number {
    const number = this.numbers.get(key)!;
    const before = this.placeBefore(place);
    const generation = this.generations.at(number);
    if (before !== undefined && this.revision(before).tombstone) this.addToGeneration(number, -1);
    return generation;
  }

  private addToGeneration(number: number, count: number): void {
    this.generations.set(number, this.generations.at(number) + count);
  }
}
