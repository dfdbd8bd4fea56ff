// The history of transactions that a scenario writes. It keeps some 25 bytes for each record, and no key and no value:
// these are made of the transactions again when a record is read.
//
// The records of a key are a chain, in which each names the one before it, and one further back:
//
//   record   0  1  2  3  4  5  6  7
//   before      0  1  2  3  4  5  6
//   jump     0  0  1  0  3  4  3  0       (skew-binary: lengths 1, 3, 7, …)
//
// so that the record of a key at a revision is found in a logarithmic number of steps.

import assert from 'node:assert';
import { isEmpty } from '../../adt/interval.js';
import { SortedRuns } from '../../adt/sorted-runs.js';
import { GuessedNumbers, WholeNumbers } from '../../adt/whole-numbers.js';
import type { History } from '../../mvcc/history.js';
import { holdsKey, type KeyRange } from '../../mvcc/key-range.js';
import { encodeKeyValue, encodeTombstone, type KeyValue } from '../../mvcc/key-value.js';
import type { RangeRequest, RangeResult } from '../../mvcc/range.js';
import { StoredRecord } from '../../mvcc/record.js';
import { encodeRevisionKey } from '../../mvcc/revision.js';
import type { StoreState } from '../../mvcc/store-state.js';
import { checkRevision } from '../../mvcc/window.js';
import { KeyPlaces } from './key-places.js';
import type { Change, Transactions } from './transactions.js';

/** The revision of the first change: an empty store is at revision 1. */
const FIRST_MAIN = 2;

/** Marks a tombstone in the column of the generations' first records. */
const TOMBSTONE = 0xffff_ffff;

/** Where a change is written: its transaction, its place in that, and the revision. */
interface WrittenChange {
  readonly place: number;
  readonly index: number;
  readonly main: number;
}

export class WrittenHistory implements History {
  /** The place of the transaction of each revision. */
  private readonly written = new GuessedNumbers((revision) => revision);
  /** The place of the first record of each revision. */
  private readonly firsts = new GuessedNumbers((revision) => revision);

  // The columns of the records.
  private readonly mains = new GuessedNumbers((place) => place + FIRST_MAIN);
  /** Which change of its transaction wrote the record. */
  private readonly changes = new GuessedNumbers(() => 0);
  /** The place + 1 of the record of the same key before; 0 when there is none. */
  private readonly before = new WholeNumbers();
  private readonly jumps = new WholeNumbers();
  /** The number of records of the same key before. */
  private readonly depths = new WholeNumbers();
  /** The place of the record that began the generation. */
  private readonly begins = new WholeNumbers();

  private readonly newest = new KeyPlaces((place) => this.keyAt(place));
  /** The newest records of the keys that are there, in the order of the keys; undefined before a range is deleted. */
  private live: SortedRuns | undefined;

  /** Writes all of the transactions. One that changes nothing, as the delete of an absent key, takes no revision. */
  constructor(private readonly all: Transactions) {
    for (let place = 0; place < all.length; place++) {
      const main = this.currentRev + 1;
      for (const [index, change] of all.at(place).entries()) this.write(change, { place, index, main });
    }
  }

  get currentRev(): number {
    return this.firsts.length + FIRST_MAIN - 1;
  }

  get compactRev(): number {
    return this.state.compactRev;
  }

  get state(): StoreState {
    const { currentRev } = this;
    return { currentRev, compactRev: -1, scheduledCompactRev: undefined, finishedCompactRev: undefined };
  }

  countRecords(): number {
    return this.before.length;
  }

  /** The transactions that have changed something, in the order of their revisions. */
  get changing(): Transactions {
    const { all, written } = this;
    return {
      length: written.length,
      at: (place) => all.at(written.at(place)),
      changeAt: (place, index) => all.changeAt(written.at(place), index),
      keyAt: (place, index) => all.keyAt(written.at(place), index),
    };
  }

  private write(change: Change, where: WrittenChange): void {
    if ('put' in change) {
      this.add(change.put, where, false);
      return;
    }
    const { delete: key, end } = change;
    for (const one of end === undefined ? [key] : this.liveKeys(key, end)) {
      if (this.isLive(this.newest.get(one))) this.add(one, where, true);
    }
  }

  private add(key: string, { place, index, main }: WrittenChange, tombstone: boolean): void {
    const record = this.countRecords();
    if (this.currentRev < main) {
      this.firsts.push(record);
      this.written.push(place);
    }
    const last = this.newest.get(key);
    const wasLive = this.isLive(last);
    this.mains.push(main);
    this.changes.push(index);
    this.before.push(last === undefined ? 0 : last + 1);
    this.jumps.push(last === undefined ? record : this.jumpFrom(last));
    this.depths.push(last === undefined ? 0 : this.depths.at(last) + 1);
    this.begins.push(tombstone ? TOMBSTONE : wasLive ? this.begins.at(last!) : record);
    this.newest.set(key, record);
    if (tombstone) this.live?.delete(record);
    else if (!wasLive) this.live?.insert(record);
  }

  private isLive(record: number | undefined): boolean {
    return record !== undefined && !this.isTombstone(record);
  }

  private isTombstone(record: number): boolean {
    return this.begins.at(record) === TOMBSTONE;
  }

  /** Returns the jump of the record behind `last` in its chain. */
  private jumpFrom(last: number): number {
    const near = this.jumps.at(last);
    const far = this.jumps.at(near);
    const isPair = this.depths.at(last) - this.depths.at(near) === this.depths.at(near) - this.depths.at(far);
    return isPair ? far : last;
  }

  /** Returns the keys in [key, end) that are there. */
  private liveKeys(key: string, end: string): string[] {
    if (isEmpty({ begin: key, end })) return [];
    this.live ??= this.sortLive();
    const keys: string[] = [];
    for (const record of this.live.from((other) => this.keyAt(other) < key)) {
      const next = this.keyAt(record);
      if (!holdsKey({ key, end }, next)) break;
      keys.push(next);
    }
    return keys;
  }

  private sortLive(): SortedRuns {
    const live = new SortedRuns((a, b) => this.keyAt(a) < this.keyAt(b));
    for (const record of this.newest.places()) if (!this.isTombstone(record)) live.insert(record);
    return live;
  }

  private keyAt(record: number): string {
    // A tombstone has the key of the put before it.
    const put = this.isTombstone(record) ? this.before.at(record) - 1 : record;
    return this.all.keyAt(this.transactionOf(put), this.changes.at(put));
  }

  private transactionOf(record: number): number {
    return this.written.at(this.mains.at(record) - FIRST_MAIN);
  }

  /** Returns the record of a put. */
  private keyValueAt(record: number): KeyValue {
    const change = this.all.changeAt(this.transactionOf(record), this.changes.at(record));
    assert('put' in change, 'the record is that of a put');
    const begin = this.begins.at(record);
    return {
      key: change.put,
      createRevision: this.mains.at(begin),
      modRevision: this.mains.at(record),
      version: this.depths.at(record) - this.depths.at(begin) + 1,
      value: change.value,
      lease: 0n,
    };
  }

  private storedAt(record: number): StoredRecord {
    const main = this.mains.at(record);
    const sub = record - this.firsts.at(main - FIRST_MAIN);
    const tombstone = this.isTombstone(record);
    const value = tombstone ? encodeTombstone(this.keyAt(record)) : encodeKeyValue(this.keyValueAt(record));
    return new StoredRecord(encodeRevisionKey({ main, sub }, tombstone), value);
  }

  *records(fromMain: number, toMain: number): Iterable<StoredRecord> {
    const from = Math.max(fromMain, FIRST_MAIN);
    const to = Math.min(toMain, this.currentRev);
    if (from > to) return;
    const end = to === this.currentRev ? this.countRecords() : this.firsts.at(to + 1 - FIRST_MAIN);
    for (let record = this.firsts.at(from - FIRST_MAIN); record < end; record++) yield this.storedAt(record);
  }

  range(request: RangeRequest): RangeResult {
    const rev = request.rev !== undefined && request.rev > 0 ? request.rev : this.currentRev;
    checkRevision(rev, this.state);
    const limit = request.limit !== undefined && request.limit > 0 ? request.limit : Number.POSITIVE_INFINITY;
    const found = this.newestIn(request)
      .map((record) => this.newestUpTo(rev, record))
      .filter((record) => record !== undefined && !this.isTombstone(record));
    const kvs = request.countOnly ? [] : found.slice(0, limit).map((record) => this.keyValueAt(record!));
    return { revision: this.currentRev, count: found.length, kvs };
  }

  /** Returns the newest records of the keys in a range, in the order of the keys. */
  private newestIn({ key, end }: KeyRange): number[] {
    if (end === undefined) {
      const record = this.newest.get(key);
      return record === undefined ? [] : [record];
    }
    const named = [...this.newest.places()].map((record) => ({ record, name: this.keyAt(record) }));
    const inRange = named.filter(({ name }) => holdsKey({ key, end }, name));
    return inRange.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ record }) => record);
  }

  /** Returns the newest record in the chain of `record` that is not above a revision. */
  private newestUpTo(rev: number, record: number): number | undefined {
    let at = record;
    while (this.mains.at(at) > rev) {
      const jump = this.jumps.at(at);
      if (jump < at && this.mains.at(jump) > rev) {
        at = jump;
        continue;
      }
      const before = this.before.at(at);
      if (before === 0) return undefined;
      at = before - 1;
    }
    return at;
  }
}
