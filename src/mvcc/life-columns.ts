// What the newest record of each key says of its life, for millions of keys: columns of numbers take a third of the room
// of objects.

import { NumberColumn } from '../adt/number-column.js';
import type { KeyState } from './key-index.js';

/** What the next record of a key follows from. */
export type KeyLife = Pick<KeyState, 'main' | 'tombstone' | 'createRevision' | 'version'>;

export class LifeColumns {
  /** 0 for a key of which there is no record. */
  private readonly mains = new NumberColumn(Float64Array);
  private readonly createRevisions = new NumberColumn(Float64Array);
  /** 0 for a tombstone. */
  private readonly versions = new NumberColumn(Float64Array);
  private readonly life = { main: 0, tombstone: false, createRevision: 0, version: 0 };

  /** Returns the life of the key with a number, which is good until the next is asked for; undefined if it has no record. */
  at(number: number): KeyLife | undefined {
    const main = this.mains.at(number);
    if (main === 0) return undefined;
    const { life } = this;
    life.main = main;
    life.createRevision = this.createRevisions.at(number);
    life.version = this.versions.at(number);
    life.tombstone = life.version === 0;
    return life;
  }

  set(number: number, { main, createRevision, version }: KeyLife): void {
    this.mains.set(number, main);
    this.createRevisions.set(number, createRevision);
    this.versions.set(number, version);
  }
}
