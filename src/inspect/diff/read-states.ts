// The first pass: reads the records of one backend once, and notes the newest revision of each key.

import { NumberColumn } from '../../adt/number-column.js';
import { HistoryCheck } from '../../mvcc/history-check.js';
import { holdsKey, type KeyRange } from '../../mvcc/key-range.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type { StoreReader } from '../../mvcc/store.js';
import type { KeptPlaces, KeyStates, NewestRevisions } from './key-states.js';

/** What is to be noted of the records up to a revision. */
export interface Target {
  readonly rev: number;
  readonly newest: NewestRevisions;
}

/** What compactions would keep, if that is wanted. */
export interface Keeps {
  /** At the revision below which the histories are not compared record by record. */
  readonly atCompact: KeptPlaces;
  readonly compactRev: number;
  /** At the revision of the hash. */
  readonly atCommon: KeptPlaces;
  readonly commonRev: number;
}

interface Reading {
  readonly store: StoreReader;
  /** Given where only the records themselves can contradict a damaged one, as in a file without sums. */
  readonly lives: Lives | undefined;
  readonly states: KeyStates;
  /** The last one has the highest revision. */
  readonly targets: readonly Target[];
  readonly range: KeyRange | undefined;
  readonly keeps: Keeps | undefined;
}

/** Throws CORRUPT if a record is missing, cannot be read, or contradicts another. */
export function readStates({ store, lives, states, targets, range, keeps }: Reading): void {
  const { rev, newest } = targets[targets.length - 1]!;
  const check = lives && new LifeCheck(store.compactRev, newest, lives);
  let place = 0;
  for (const record of store.records(0, rev)) {
    place++;
    const { key, main } = record;
    if (range !== undefined && !holdsKey(range, key)) continue;
    const row = states.rowFor(key);
    check?.check(row, record);
    if (keeps !== undefined) {
      if (main <= keeps.compactRev) keeps.atCompact.observe(row, place, record);
      if (main <= keeps.commonRev) keeps.atCommon.observe(row, place, record);
    }
    // The record of a bumped revision is of no key.
    if (record.isEmpty) continue;
    for (const target of targets) if (main <= target.rev) target.newest.set(row, record);
  }
}

/** What the records of keys have said last, so that the next ones can be held against it. */
export class Lives {
  readonly created = new NumberColumn(Float64Array);
  readonly versions = new NumberColumn(Float64Array);
}

/** Holds each record against the one of its key before. */
class LifeCheck {
  private readonly history: HistoryCheck;
  private readonly before = { main: 0, tombstone: false, createRevision: 0, version: 0 };

  constructor(
    compactRev: number,
    private readonly newest: NewestRevisions,
    private readonly lives: Lives,
  ) {
    this.history = new HistoryCheck(compactRev);
  }

  check(row: number, record: StoredRecord): void {
    const { before, lives } = this;
    const main = this.newest.signedMain(row);
    before.main = Math.abs(main);
    before.tombstone = main < 0;
    before.createRevision = lives.created.at(row);
    before.version = lives.versions.at(row);
    this.history.check(record, main === 0 ? undefined : before);
    lives.created.set(row, record.createRevision);
    lives.versions.set(row, record.version);
  }
}
