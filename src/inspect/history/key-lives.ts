// Follows the lives of keys through their records, oldest first. A life (a generation of etcd's key index) is the puts
// between two tombstones. Only lives of which something is retained can be counted.

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

/** The last record of a key, and the number of its life. */
type Life = { -readonly [field in keyof RevisionKey]: RevisionKey[field] } & { generation: number };

export class KeyLives {
  /** Each life is changed in place, since there is one for each key. */
  private readonly lives = new Map<string, Life>();

  /** Goes on to the next record. */
  follow(record: StoredRecord): LifeStep {
    const { key, main, sub, tombstone } = record;
    const life = this.lives.get(key);
    if (life === undefined) {
      this.lives.set(key, { main, sub, tombstone, generation: 1 });
      return { generation: 1, before: beforeOf(record, undefined) };
    }
    const before = beforeOf(record, { main: life.main, sub: life.sub, tombstone: life.tombstone });
    if (life.tombstone) life.generation++;
    life.main = main;
    life.sub = sub;
    life.tombstone = tombstone;
    return { generation: life.generation, before };
  }
}

/** Returns what was there before a record; `last` is the record of its key that is retained just before it. */
export function beforeOf(record: StoredRecord, last: RevisionKey | undefined): Before {
  if (last !== undefined && !last.tombstone) return { is: 'record', revision: last };
  // Only a put of version 1 begins a life: any other record has one before it.
  if (record.tombstone || record.version > 1) return { is: 'compacted' };
  return last === undefined ? { is: 'nothing' } : { is: 'tombstone', revision: last };
}
