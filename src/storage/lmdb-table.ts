// One table of the LMDB environment that lmdb-backend.ts opens: rows of bytes, as they lie in the file.

import type { Database, Transaction } from 'lmdb';
import type { ByteRange } from '../bytes/byte-range.js';
import type { Entry, Table, TableName } from '../mvcc/backend.js';
import type { DiskRoom } from './disk-room.js';
import type { PageGuard } from './lmdb-file/page-guard.js';
import type { RowValues } from './row-values.js';

/** The lowest key that LMDB takes: keys have at least one byte. */
const LOWEST = Buffer.from([0]);

/** What lmdb does not declare. */
interface LmdbInternals {
  /** Begins the transaction that the next reads use, if there is none. */
  ensureReadTxn(): void;
  readonly db: { stat(): { readonly entryCount: number } };
}

export type Rows = Database<Buffer, Buffer> & LmdbInternals;

/** The read transaction that all reads of a read-only backend share; a backend that writes lets lmdb choose. */
export interface Snapshot {
  transaction?: Transaction;
}

/** In a snapshot, ranges are read without LMDB, which takes fewer steps; only a transaction's own changes need it. */
export class LmdbTable implements Table {
  /** The rows of the open environment, and the guard of its pages; they change when it is opened anew. */
  rows!: Rows;
  guard!: PageGuard;

  constructor(
    private readonly name: TableName,
    private readonly snapshot: Snapshot,
    private readonly room: DiskRoom,
    private readonly values: RowValues,
  ) {}

  get(key: Buffer): Buffer | undefined {
    this.guard.reach(this.name, key);
    return this.rows.get(key, this.snapshot);
  }

  entries(range: ByteRange = {}): Generator<Entry, void, undefined> {
    return this.snapshot.transaction === undefined
      ? this.throughLmdb(range)
      : this.guard.rows(this.name, range, (bytes) => this.values.take(bytes));
  }

  private *throughLmdb(range: ByteRange): Generator<Entry, void, undefined> {
    for (const { gte = LOWEST, lt } of this.guard.parts(this.name, { gte: LOWEST, ...range })) {
      yield* this.rows.getRange({ start: gte, ...(lt !== undefined && { end: lt }) });
    }
  }

  last(range: ByteRange = {}): Entry | undefined {
    const { gte = LOWEST, lt } = range;
    if (lt === undefined) this.guard.reachLast(this.name);
    else this.guard.reachAround(this.name, lt);
    const newest = this.rows.getRange({
      ...this.snapshot,
      reverse: true,
      limit: 1,
      end: gte,
      inclusiveEnd: true,
      ...(lt !== undefined && { start: lt, exclusiveStart: true }),
    });
    for (const entry of newest) return entry;
    return undefined;
  }

  size(): number {
    this.rows.ensureReadTxn();
    return this.rows.db.stat().entryCount;
  }

  put(key: Buffer, value: Buffer): void {
    this.room.take(key.length + value.length);
    this.guard.reachAround(this.name, key);
    this.rows.putSync(key, value);
  }

  /** Puts a row unless there is one of that key. Returns whether it did. */
  insert(key: Buffer, value: Buffer): boolean {
    this.room.take(key.length + value.length);
    this.guard.reachAround(this.name, key);
    // It returns whether it did; it is declared as if it returned nothing.
    return this.rows.putSync(key, value, { noOverwrite: true }) as unknown as boolean;
  }

  delete(key: Buffer): void {
    this.room.take(key.length);
    this.guard.reachAround(this.name, key);
    this.rows.removeSync(key);
  }
}
