// The records that applying a log has made: columns of numbers, some 40 bytes a record. Their values stay in the log, and
// their bytes are made when they are asked for. A row is a record; the rows of a revision follow one another.

import { countBefore } from '../../adt/binary-search.js';
import { NumberColumn } from '../../adt/number-column.js';
import { WholeNumbers } from '../../adt/whole-numbers.js';
import type { RaftLog, ReadEntry } from '../../wal/raft-log.js';
import type { Entry, ReadTable } from '../backend.js';
import { encodeKeyValue, encodeTombstone } from '../key-value.js';
import { StoredRecord } from '../record.js';
import { encodeRevisionKey, type Revision } from '../revision.js';
import type { AppliedLeases } from './applied-leases.js';
import type { LiveKeys } from './live-keys.js';

const EMPTY = Buffer.alloc(0);

/** Where a value lies: in the data of an entry, or in another record if a put has kept the value of that one. */
export interface ValuePlace {
  readonly start: number;
  readonly length: number;
  readonly keptFrom: Revision | undefined;
}

/** Where fewer rows than this are read, they are read one by one, and not with what lies between them. */
const FEW_ROWS = 16;

export class AppliedRecords {
  /** By the revisions, from the first on: the row of its first record, and the entry that made it. */
  private readonly firstRows = new WholeNumbers();
  private readonly entryRows = new WholeNumbers();
  private readonly keys = new WholeNumbers();
  private readonly valueStarts = new WholeNumbers();
  private readonly valueLengths = new WholeNumbers();
  private readonly createRevisions = new NumberColumn(Float64Array);
  /** 0 for a tombstone. */
  private readonly versions = new NumberColumn(Float64Array);
  private readonly leases = new NumberColumn(Uint32Array);
  /** The record whose value was kept; 0 for nearly all. */
  private readonly keptMains = new NumberColumn(Float64Array);
  private readonly keptSubs = new NumberColumn(Uint32Array);

  constructor(
    private readonly log: RaftLog,
    private readonly base: ReadTable,
    /** The newest revision of the base, and the index of the first entry that was applied to it. */
    readonly baseRev: number,
    private readonly firstIndex: number,
    private readonly live: LiveKeys,
    private readonly leaseIds: AppliedLeases,
  ) {}

  /** The newest revision. */
  get currentRev(): number {
    return this.baseRev + this.firstRows.length;
  }

  get rowCount(): number {
    return this.keys.length;
  }

  /** Begins the next revision. */
  begin(index: number): void {
    this.firstRows.push(this.keys.length);
    this.entryRows.push(index - this.firstIndex);
  }

  /** Adds a put to the revision that began last. Returns its place in the revision. */
  put(key: number, value: ValuePlace, createRevision: number, version: number, lease: number): number {
    const row = this.push(key, value.start, value.length);
    this.createRevisions.set(row, createRevision);
    this.versions.set(row, version);
    this.leases.set(row, lease);
    if (value.keptFrom !== undefined) {
      this.keptMains.set(row, value.keptFrom.main);
      this.keptSubs.set(row, value.keptFrom.sub);
    }
    return row - this.firstRows.at(this.firstRows.length - 1);
  }

  tombstone(key: number): void {
    this.push(key, 0, 0);
  }

  private push(key: number, start: number, length: number): number {
    const row = this.keys.length;
    this.keys.push(key);
    this.valueStarts.push(start);
    this.valueLengths.push(length);
    return row;
  }

  /** Returns the index of the entry that made a revision; undefined if none did. */
  indexOf(main: number): number | undefined {
    const at = main - this.baseRev - 1;
    return at < 0 || at >= this.entryRows.length ? undefined : this.entryRows.at(at) + this.firstIndex;
  }

  /** Returns the revision that an entry made; undefined if it made none. */
  revisionOf(index: number): number | undefined {
    const row = index - this.firstIndex;
    const at = countBefore(this.entryRows.length, (place) => this.entryRows.at(place) < row);
    return at < this.entryRows.length && this.entryRows.at(at) === row ? this.baseRev + 1 + at : undefined;
  }

  /** Returns the row of the first record at a revision or above it. */
  rowFrom(main: number): number {
    const at = Math.max(main - this.baseRev - 1, 0);
    return at < this.firstRows.length ? this.firstRows.at(at) : this.rowCount;
  }

  /** Returns the row of a record; undefined if there is none. */
  rowOf({ main, sub }: Revision): number | undefined {
    if (main <= this.baseRev || main > this.currentRev) return undefined;
    const row = this.rowFrom(main) + sub;
    return row < this.rowFrom(main + 1) ? row : undefined;
  }

  isTombstone(row: number): boolean {
    return this.versions.at(row) === 0;
  }

  /** Returns the place of the value of a record, so that another can keep it. */
  placeOf(revision: Revision): ValuePlace {
    const row = this.rowOf(revision);
    const keptMain = row === undefined ? 0 : this.keptMains.at(row);
    const keptFrom = keptMain === 0 ? revision : { main: keptMain, sub: this.keptSubs.at(row!) };
    return { start: 0, length: 0, keptFrom };
  }

  /** Returns the length of the value of a put. */
  valueLength(revision: Revision): number {
    const row = this.rowOf(revision);
    return row === undefined || this.keptMains.at(row) > 0 ? this.valueOf(revision).length : this.valueLengths.at(row);
  }

  /** Returns the value of a put. */
  valueOf(revision: Revision): Buffer {
    const row = this.rowOf(revision);
    return row === undefined ? this.baseValue(revision) : this.valueAt(row, revision.main);
  }

  private baseValue(revision: Revision): Buffer {
    const key = encodeRevisionKey(revision);
    const bytes = this.base.get(key);
    return bytes === undefined ? EMPTY : new StoredRecord(key, bytes).keyValue().value;
  }

  private valueAt(row: number, main: number, entry?: ReadEntry): Buffer {
    const keptMain = this.keptMains.at(row);
    if (keptMain > 0) return this.valueOf({ main: keptMain, sub: this.keptSubs.at(row) });
    const [start, length] = [this.valueStarts.at(row), this.valueLengths.at(row)];
    if (length === 0) return EMPTY;
    if (entry !== undefined) return entry.data.subarray(start, start + length);
    return this.log.read(this.log.entry(this.indexOf(main)!)!.dataPosition + start, length);
  }

  /** Returns the key of a record in the table of records. */
  revisionKey(row: number): Buffer {
    return this.encodeKey(row, this.mainOf(row));
  }

  private encodeKey(row: number, main: number): Buffer {
    return encodeRevisionKey({ main, sub: row - this.rowFrom(main) }, this.isTombstone(row));
  }

  private mainOf(row: number): number {
    return this.baseRev + countBefore(this.firstRows.length, (place) => this.firstRows.at(place) <= row);
  }

  /** Returns the value of a record in the table of records. */
  recordBytes(row: number): Buffer {
    return this.encode(row, this.mainOf(row));
  }

  private encode(row: number, main: number, entry?: ReadEntry): Buffer {
    const key = this.live.keyOf(this.keys.at(row));
    if (this.isTombstone(row)) return encodeTombstone(key);
    return encodeKeyValue({
      key,
      createRevision: this.createRevisions.at(row),
      modRevision: main,
      version: this.versions.at(row),
      value: this.valueAt(row, main, entry),
      lease: this.leaseIds.idOf(this.leases.at(row)),
    });
  }

  /** Yields the entries of the table of records that are of one revision, which this entry of the log has made. */
  *of(main: number, entry: ReadEntry): Iterable<Entry> {
    for (let row = this.rowFrom(main); row < this.rowFrom(main + 1); row++) {
      yield { key: this.encodeKey(row, main), value: this.encode(row, main, entry) };
    }
  }

  /** Yields the entries of the table of records from one row to the one before another. */
  *entries(fromRow: number, endRow: number): Iterable<Entry> {
    if (fromRow >= endRow) return;
    const values = endRow - fromRow < FEW_ROWS ? undefined : new EntriesAhead(this.log);
    let main = this.mainOf(fromRow);
    let nextFirst = this.rowFrom(main + 1);
    for (let row = fromRow; row < endRow; row++) {
      if (row === nextFirst) nextFirst = this.rowFrom(++main + 1);
      const entry = values?.at(this.indexOf(main)!);
      yield { key: this.encodeKey(row, main), value: this.encode(row, main, entry) };
    }
  }
}

/** Reads the entries of a log in large pieces, while those that are asked for follow one another. */
class EntriesAhead {
  private reading: IterableIterator<ReadEntry> | undefined;
  private current: ReadEntry | undefined;

  constructor(private readonly log: RaftLog) {}

  /** Returns the entry with an index, which is not below the one that was asked for last. */
  at(index: number): ReadEntry | undefined {
    this.reading ??= this.log.entries(index);
    while (this.current === undefined || this.current.index < index) {
      const { value, done } = this.reading.next();
      if (done === true) return undefined;
      this.current = value;
    }
    return this.current;
  }
}
