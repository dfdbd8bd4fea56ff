// The second pass: reads the records of both backends side by side, in revision order, up to the highest revision that
// both have. It judges the keys whose newest record has the same revision on both sides, takes the hash of each side,
// and finds the first record that only one side has, or that differs.
//
// Two members of one cluster hold different records where they were compacted at different revisions. So both are taken
// as if they were compacted at the higher one:
//
//   a, compacted at 2    2: x    3: y    4: x    5: z    6: x         a is read as   3: y   4: x   5: z   6: x
//   b, compacted at 4            3: y    4: x    5: z    6: y         b is read as   3: y   4: x   5: z   6: y
//                                                                     they part at 6
//
// A tombstone at that revision itself does not count: which releases keep it differs.

import { KeyValueHasher } from '../../mvcc/hash-kv.js';
import { eventOf, type StoredRecord, type WatchEvent } from '../../mvcc/record.js';
import type { Revision } from '../../mvcc/revision.js';
import type { StoreReader } from '../../mvcc/store.js';
import { type KeyStates, SIDES } from './key-states.js';
import type { Keeps } from './read-states.js';

/** The first revision at which two histories differ, with what each side has there. */
export interface Parting {
  readonly revision: Revision;
  /** Undefined if the side has no change at that revision. */
  readonly events: readonly [WatchEvent | undefined, WatchEvent | undefined];
}

export interface ComparedHistories {
  readonly hashes: readonly [number, number];
  readonly parting: Parting | undefined;
}

type Pair = readonly [StoredRecord | undefined, StoredRecord | undefined];

interface Comparing {
  readonly stores: readonly [StoreReader, StoreReader];
  readonly states: KeyStates;
  /** The last revision that is read. */
  readonly toRev: number;
  /** Without them, the histories are not compared. */
  readonly keeps: readonly [Keeps, Keeps] | undefined;
  /** Tells whether two records of one key and one revision are the same to the reader. */
  sameRecord(a: StoredRecord, b: StoredRecord): boolean;
}

/** Returns what the histories come to; undefined if they were not to be compared. */
export function compareRecords(comparing: Comparing): ComparedHistories | undefined {
  const { stores, states, toRev, keeps, sameRecord } = comparing;
  const lanes = keeps && ([new Lane(states, keeps[0]), new Lane(states, keeps[1])] as const);
  let parting: Parting | undefined;
  for (const pair of sideBySide(stores[0].records(0, toRev), stores[1].records(0, toRev))) {
    const same = isSameRecord(pair);
    if (!same) judge(states, pair, sameRecord);
    if (lanes === undefined || (same && lanes[0].takeWith(lanes[1], pair[0]!))) continue;
    const [a, b] = SIDES.map((side) => lanes[side].take(pair[side]));
    if (parting === undefined && (a !== b || (a && !same)))
      parting = partingAt(a ? pair[0] : undefined, b ? pair[1] : undefined);
  }
  return lanes && { hashes: [lanes[0].hash(), lanes[1].hash()], parting };
}

/** Yields the records of both, two together where their revisions are the same. */
function* sideBySide(a: Iterable<StoredRecord>, b: Iterable<StoredRecord>): Iterable<Pair> {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()];
  let [l, r] = [left.next(), right.next()];
  while (!l.done || !r.done) {
    const order = l.done ? 1 : r.done ? -1 : l.value.main - r.value.main || l.value.sub - r.value.sub;
    yield [order <= 0 ? l.value : undefined, order >= 0 ? r.value : undefined];
    if (order <= 0) l = left.next();
    if (order >= 0) r = right.next();
  }
}

function isSameRecord([a, b]: Pair): boolean {
  return a !== undefined && b !== undefined && a.tombstone === b.tombstone && a.valueBytes.equals(b.valueBytes);
}

/** Judges the key of two records that differ, if they are its newest ones. */
function judge(states: KeyStates, [a, b]: Pair, sameRecord: Comparing['sameRecord']): void {
  if (a === undefined || b === undefined || a.tombstone || b.tombstone || a.key !== b.key) return;
  const row = states.rowOf(a.key);
  if (row === undefined || !states.newest[0].holds(row, a) || !states.newest[1].holds(row, b)) return;
  states.judge(row, sameRecord(a, b));
}

function partingAt(a: StoredRecord | undefined, b: StoredRecord | undefined): Parting {
  const { main, sub } = (a ?? b)!;
  return { revision: { main, sub }, events: [a && eventOf(a), b && eventOf(b)] };
}

/** One side on its way through its records. */
class Lane {
  private place = 0;
  private row = 0;
  private readonly hasher: KeyValueHasher;

  constructor(
    private readonly states: KeyStates,
    private readonly keeps: Keeps,
  ) {
    const { atCommon, compactRev } = keeps;
    this.hasher = new KeyValueHasher(compactRev, {
      isEmpty: atCommon.isEmpty,
      holds: () => atCommon.holds(this.row, this.place),
    });
  }

  /** Goes on to the next record, if there is one, and returns whether it is there after the compaction. */
  take(record: StoredRecord | undefined): boolean {
    if (record === undefined) return false;
    this.place++;
    const { atCompact, compactRev } = this.keeps;
    if (record.main <= compactRev) {
      this.row = this.states.rowOf(record.key)!;
      if (!atCompact.holds(this.row, this.place)) return false;
    }
    this.hasher.write(record);
    return true;
  }

  /**
   * Does what `take` does on this side and another, for a record that is the same on both, in less time: returns false,
   * and does nothing, unless both have the same hash so far and the record is above the compaction.
   */
  takeWith(other: Lane, record: StoredRecord): boolean {
    if (record.main <= this.keeps.compactRev || this.hash() !== other.hash()) return false;
    this.take(record);
    other.place++;
    other.hasher.goOnFrom(this.hash());
    return true;
  }

  hash(): number {
    return this.hasher.sum();
  }
}
