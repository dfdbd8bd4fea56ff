// Follows the lives of keys through their records, oldest first. A life (a generation of etcd's key index) is the puts
// between two tombstones. Only lives of which something is retained can be counted.

import { KeyNumbers } from '../../adt/key-numbers.js';
import { NumberColumn } from '../../adt/number-column.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type { RevisionKey } from '../../mvcc/revision.js';

/** What was there before a record of a key. */
export type Before =
  /** A put, which is retained. */
  | { readonly is: 'record'; readonly revision: RevisionKey }
  /** The tombstone of the life before. */
  | { readonly is: 'tombstone'; readonly revision: RevisionKey }
  /** The key was not there, and nothing of an earlier life is retained. */
  | { readonly is: 'nothing' }
  /** There was a put, and compaction has taken it. */
  | { readonly is: 'compacted' };

export interface LifeStep {
  /** The number of the life among those of which something is retained, from 1. */
  readonly generation: number;
  readonly before: Before;
}

/** What is known of each key is in columns, since there may be millions of keys. */
export class KeyLives {
  private readonly numbers = new KeyNumbers();
  /** The number of the life of a key; 0 for a new key. */
  private readonly generations = new NumberColumn(Uint32Array);
  /** The revision of the last record of a key, and whether that is a tombstone. */
  private readonly mains = new NumberColumn(Float64Array);
  private readonly subs = new NumberColumn(Float64Array);
  private readonly tombstones = new NumberColumn(Uint8Array);

  /** Goes on to the next record. */
  follow(record: StoredRecord): LifeStep {
    const { key, main, sub, tombstone } = record;
    const number = this.numbers.add(key);
    const last = this.lastOf(number);
    const isNewLife = last === undefined || last.tombstone;
    const generation = this.generations.at(number) + (isNewLife ? 1 : 0);
    this.generations.set(number, generation);
    this.mains.set(number, main);
    this.subs.set(number, sub);
    this.tombstones.set(number, tombstone ? 1 : 0);
    return { generation, before: beforeOf(record, last) };
  }

  private lastOf(number: number): RevisionKey | undefined {
    if (this.generations.at(number) === 0) return undefined;
    return { main: this.mains.at(number), sub: this.subs.at(number), tombstone: this.tombstones.at(number) === 1 };
  }
}

/** Returns what was there before a record; `last` is the record of its key that is retained just before it. */
export function beforeOf(record: StoredRecord, last: RevisionKey | undefined): Before {
  if (last !== undefined && !last.tombstone) return { is: 'record', revision: last };
  // Only a put of version 1 begins a life: any other record has one before it.
  if (record.tombstone || record.version > 1) return { is: 'compacted' };
  return last === undefined ? { is: 'nothing' } : { is: 'tombstone', revision: last };
}
