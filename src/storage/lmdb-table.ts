// One table of the LMDB environment that lmdb-backend.ts opens: rows of bytes, as they lie in the file.

import type { Database, Transaction } from 'lmdb';
import type { ByteRange } from '../bytes/byte-range.js';
import type { Entry, Table } from '../mvcc/backend.js';

/** The lowest key that LMDB takes: keys have at least one byte. */
const LOWEST = Buffer.from([0]);

export type Rows = Database<Buffer, Buffer>;

/** The read transaction that all reads of a read-only backend share; a backend that writes lets lmdb choose. */
export interface Snapshot {
  transaction?: Transaction;
}

export class LmdbTable implements Table {
  /** The rows of the open environment; they change when it is opened anew. */
  rows!: Rows;

  constructor(private readonly snapshot: Snapshot) {}

  get(key: Buffer): Buffer | undefined {
    return this.rows.get(key, this.snapshot);
  }

  entries(range: ByteRange = {}): Iterable<Entry> {
    return this.rows.getRange({
      ...this.snapshot,
      start: range.gte ?? LOWEST,
      ...(range.lt !== undefined && { end: range.lt }),
    });
  }

  last(range: ByteRange = {}): Entry | undefined {
    const { gte = LOWEST, lt } = range;
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
    return (this.rows.getStats() as { entryCount: number }).entryCount;
  }

  put(key: Buffer, value: Buffer): void {
    this.rows.putSync(key, value);
  }

  delete(key: Buffer): void {
    this.rows.removeSync(key);
  }
}
