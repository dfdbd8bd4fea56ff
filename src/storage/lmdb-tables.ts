// The tables of a database in LMDB, with their sums and totals as far as its format has them.

import type { Table, TableName } from '../mvcc/backend.js';
import { TABLE_NAMES } from '../mvcc/backend.js';
import { giveId, hasSums, markFormat, readFormat } from './database-format.js';
import type { DiskRoom } from './disk-room.js';
import type { OnDone } from './listener.js';
import type { PageGuard } from './lmdb-file/page-guard.js';
import { LmdbTable, type Rows, type Snapshot } from './lmdb-table.js';
import { auditRows, type RowDamage } from './row-audit.js';
import { RowValues } from './row-values.js';
import { SummedTable } from './summed-table.js';
import { TotalsKeeper } from './totals-keeper.js';

function forEachTable<T>(forTable: (name: TableName) => T): Readonly<Record<TableName, T>> {
  return Object.fromEntries(TABLE_NAMES.map((name) => [name, forTable(name)])) as Record<TableName, T>;
}

export class LmdbTables {
  readonly summed: Readonly<Record<TableName, Table>>;
  readonly totals: TotalsKeeper;
  private readonly values = forEachTable((name) => new RowValues(name));
  private readonly rows: Readonly<Record<TableName, LmdbTable>>;
  private openFormat = 0;

  constructor(snapshot: Snapshot, room: DiskRoom, transaction: (change: () => void) => void, compared: boolean) {
    const { values } = this;
    this.rows = forEachTable((name) => new LmdbTable(name, snapshot, room, values[name]));
    this.totals = new TotalsKeeper(this.rows, values, compared);
    this.summed = forEachTable(
      (name) => new SummedTable(name, this.rows[name], values[name], this.totals, transaction, compared),
    );
  }

  /** Compares every row with its sum and every table with its totals, but for tables that cannot be read. */
  audit(newestTxn: number, unreadable: ReadonlySet<string>, onRows?: OnDone): Iterable<RowDamage> {
    const audited = { rows: this.rows, values: this.values, keeper: this.totals, newestTxn };
    return auditRows(audited, unreadable, onRows);
  }

  /** The format of the database that is open. */
  get format(): number {
    return this.openFormat;
  }

  /** Takes the rows of an environment that was opened. `open` gets the name of a table and what decodes its values. */
  open(guard: PageGuard, open: (name: TableName, encoder: RowValues) => Rows): void {
    for (const name of TABLE_NAMES) {
      this.rows[name].rows = open(name, this.values[name]);
      this.rows[name].guard = guard;
    }
  }

  /** Reads the mark of the format, and goes by it from now on. Throws what readFormat throws. */
  useFormat(path: string): void {
    this.values.meta.summed = false;
    this.openFormat = readFormat(path, this.rows.meta);
    for (const name of TABLE_NAMES) this.values[name].summed = hasSums(this.openFormat);
  }

  /** Marks empty tables as a new database, in a write transaction. `txn` is its number. */
  begin(path: string, txn: number): void {
    this.values.meta.summed = false;
    markFormat(this.rows.meta);
    this.useFormat(path);
    this.totals.begin(undefined);
    giveId(this.summed.meta);
    this.totals.end(txn);
    this.totals.stop();
  }
}
