// The store's tables in one LMDB environment: a directory with data.mdb and lock.mdb. The only file that knows lmdb.

import { type Database, open, type RootDatabase, type Transaction } from 'lmdb';
import { MvccwError } from '../errors.js';
import { type Backend, type Entry, type KeyRange, TABLE_NAMES, type Table, type TableName } from '../mvcc/backend.js';

/** Below every key that LMDB takes: its keys have at least one byte. */
const LOWEST = Buffer.from([0]);

type Rows = Database<Buffer, Buffer>;

/** The read transaction that all reads of a read-only backend share; a writing one lets lmdb choose. */
interface Snapshot {
  transaction?: Transaction;
}

class LmdbTable implements Table {
  constructor(
    private readonly rows: Rows,
    private readonly snapshot: Snapshot,
  ) {}

  get(key: Buffer): Buffer | undefined {
    return this.rows.get(key, this.snapshot);
  }

  entries(range: KeyRange = {}): Iterable<Entry> {
    return this.rows.getRange({
      ...this.snapshot,
      start: range.gte ?? LOWEST,
      ...(range.lt !== undefined && { end: range.lt }),
    });
  }

  last(range: KeyRange = {}): Entry | undefined {
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

export interface LmdbOptions {
  readonly readOnly?: boolean;
  /** False trades durability for speed: for databases that are thrown away. */
  readonly durable?: boolean;
}

export class LmdbBackend implements Backend {
  readonly tables: Readonly<Record<TableName, Table>>;
  private readonly root: RootDatabase<Buffer, Buffer>;
  private readonly snapshot: Snapshot = {};
  private readonly readOnly: boolean;

  /** Opens the environment in `directory`, and makes both if need be (but not when reading only). */
  constructor(directory: string, options: LmdbOptions = {}) {
    const { readOnly = false, durable = true } = options;
    this.readOnly = readOnly;
    try {
      this.root = open<Buffer, Buffer>({
        path: directory,
        noSubdir: false,
        readOnly,
        noSync: !durable,
        // One fdatasync before a commit returns; the default may leave it to the operating system.
        overlappingSync: false,
        keyEncoding: 'binary',
        encoding: 'binary',
        maxDbs: TABLE_NAMES.length,
        cache: false,
      });
      const tables: Partial<Record<TableName, Table>> = {};
      for (const name of TABLE_NAMES) {
        tables[name] = new LmdbTable(
          this.root.openDB<Buffer, Buffer>(name, { keyEncoding: 'binary', encoding: 'binary' }),
          this.snapshot,
        );
      }
      this.tables = tables as Record<TableName, Table>;
      this.refresh();
    } catch (error) {
      throw storageError(error, `cannot open ${directory}`);
    }
  }

  /** Lets a read-only backend, which stands still at one moment, see what has been committed since. */
  refresh(): void {
    if (!this.readOnly) return;
    this.snapshot.transaction?.done();
    this.root.resetReadTxn();
    this.snapshot.transaction = this.root.useReadTransaction();
  }

  transaction<T>(body: () => T): T {
    try {
      return this.root.transactionSync(body);
    } catch (error) {
      throw storageError(error, 'cannot write');
    }
  }

  sizeBytes(): number {
    const stats = this.root.getStats() as { mapSize?: number; lastPageNumber?: number; pageSize?: number };
    return ((stats.lastPageNumber ?? 0) + 1) * (stats.pageSize ?? 4096);
  }

  close(): void {
    this.snapshot.transaction?.done();
    // Settled at once, as nothing is written in the background.
    void this.root.close();
  }
}

function storageError(error: unknown, what: string): unknown {
  if (
    error instanceof MvccwError ||
    !(error instanceof Error) ||
    !/MDB_|Permission|No space|ENOSPC|EACCES/.test(error.message)
  ) {
    return error;
  }
  return new MvccwError('IO', `${what}: ${error.message}`, { cause: error });
}
