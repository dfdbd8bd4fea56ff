// Keeps the totals of a database: reads them, counts along while rows are written, and writes them before each commit.
// They lie in `meta`. In a database of format 1 there are none; of what is kept up here, only the newest record is then
// compared.

import assert from 'node:assert/strict';
import type { MvccwError } from '../errors.js';
import { TABLE_NAMES, type TableName } from '../mvcc/backend.js';
import { OWN_ROWS, TOTALS_KEY } from './database-format.js';
import { damaged } from './lmdb-error.js';
import type { LmdbTable } from './lmdb-table.js';
import { nameRow } from './row-name.js';
import type { RowValues } from './row-values.js';
import {
  decodeTotals,
  encodeTotals,
  NO_TOTALS,
  PARTS,
  type Part,
  rowsOf,
  type Total,
  type Totals,
  withoutRow,
  withRow,
} from './table-totals.js';

/** Totals, and what it takes to tell later whether they still hold. */
export interface TotalsState {
  readonly totals: Totals;
  /** The number of the change that they follow; undefined if they are of a snapshot, which does not change. */
  readonly change: number | undefined;
}

/** The totals in a write transaction. */
interface Writing {
  /** The parts that had no rows when it began. */
  readonly empty: ReadonlySet<Part>;
  parts: Record<Part, Total>;
  /** The key of the newest record, as far as what was written tells; undefined if the newest was deleted. */
  newest: Buffer | undefined;
  changed: boolean;
}

export class TotalsKeeper {
  private writing: Writing | undefined;
  /** The totals of the snapshot that is read. */
  private held: Totals | undefined;
  private changes = 0;
  /** The totals that were written last, whether they were committed or not. */
  private written: Buffer | undefined;

  constructor(
    private readonly tables: Readonly<Record<TableName, LmdbTable>>,
    private readonly values: Readonly<Record<TableName, RowValues>>,
    /** Whether totals that are wrong are an error. */
    private readonly compared: boolean,
  ) {}

  private get summed(): boolean {
    return this.values.meta.summed;
  }

  /** Whether a write transaction is open. */
  get isWriting(): boolean {
    return this.writing !== undefined;
  }

  /** Tells whether the table (of `index`: the newest revisions) was empty before the transaction that is open. */
  isFilling(table: TableName): boolean {
    return this.writing?.empty.has(table) ?? false;
  }

  /** Checks the totals of a snapshot, as `check` does, and keeps them as long as it stays. */
  hold(newestTxn: number): void {
    this.held = this.check(newestTxn);
  }

  letGo(): void {
    this.held = undefined;
  }

  /** Returns the totals of the moment that a read sees. */
  state(): TotalsState | undefined {
    if (!this.compared) return undefined;
    if (this.writing === undefined) return { totals: this.held ?? this.read(), change: undefined };
    const { parts, newest } = this.writing;
    return { totals: { txn: 0, parts: { ...parts }, newest: newest ?? this.newestKey() }, change: this.changes };
  }

  /** Compares what a scan has found with the totals at its beginning. Throws CORRUPT if they differ. */
  compare(found: ReadonlyMap<Part, Total>, { totals, change }: TotalsState): void {
    // What was written while the scan went on may be in it or not.
    if (change !== undefined && change !== this.changes) return;
    for (const [part, total] of found) compareTotal(part, total, totals.parts[part]);
  }

  /** Reads the totals. Throws CORRUPT if they are missing or have a wrong sum. */
  read(): Totals {
    return decodeTotals(this.readRow());
  }

  private readRow(): Buffer {
    const bytes = this.tables.meta.get(TOTALS_KEY);
    if (bytes === undefined) throw damaged('the totals in table meta are missing');
    if (this.values.meta.sumOfLast(TOTALS_KEY) === undefined)
      throw damaged('the totals in table meta have a wrong sum');
    return bytes;
  }

  private newestKey(): Buffer {
    return this.tables.key.last()?.key ?? Buffer.alloc(0);
  }

  /** Begins to count along. `newestTxn` is the transaction before this one; undefined in a database that is made here. */
  begin(newestTxn: number | undefined): void {
    const { parts, newest } = newestTxn === undefined ? NO_TOTALS : this.check(newestTxn);
    const empty = new Set(PARTS.filter((part) => parts[part].rows === 0));
    this.writing = { empty, parts: { ...parts }, newest, changed: false };
    this.changes++;
  }

  /** Checks what was written, and writes the totals if anything has changed. */
  end(txn: number): void {
    const { parts, newest, changed } = this.current();
    if (!changed) return;
    const last = this.newestKey();
    if (newest !== undefined && !last.equals(newest)) throw notNewest(last, newest);
    if (!this.summed) return;
    const row = encodeTotals({ txn, parts, newest: last });
    this.tables.meta.put(TOTALS_KEY, this.values.meta.withSum(row, this.values.meta.sum(TOTALS_KEY, row)));
    this.compareRows(parts);
    this.written = row;
  }

  /** Ends a transaction, whether it was committed or not. */
  stop(): void {
    this.writing = undefined;
    this.changes++;
  }

  /** Returns what restores the totals as they are now, when what was written since is taken back. */
  mark(): () => void {
    const before = { ...this.current(), parts: { ...this.current().parts } };
    return () => {
      this.writing = before;
      this.changes++;
    };
  }

  private current(): Writing {
    assert(this.writing !== undefined, 'rows are written in a transaction');
    return this.writing;
  }

  add(part: Part, rowSum: number): void {
    const { parts } = this.change();
    parts[part] = withRow(parts[part], rowSum);
  }

  remove(part: Part, rowSum: number): void {
    const { parts } = this.change();
    parts[part] = withoutRow(parts[part], rowSum);
  }

  private change(): Writing {
    const writing = this.current();
    writing.changed = true;
    this.changes++;
    return writing;
  }

  /** Notes that a record was written. */
  notePut(key: Buffer): void {
    const writing = this.change();
    if (writing.newest !== undefined && key.compare(writing.newest) > 0) writing.newest = key;
  }

  /** Notes that a record was deleted. */
  noteDelete(key: Buffer): void {
    const writing = this.change();
    if (writing.newest?.equals(key)) writing.newest = undefined;
  }

  /**
   * Compares the totals with what LMDB knows of its tables, which costs the same at any size, and returns them.
   * `newestTxn` is the newest transaction of LMDB; undefined if that is not known.
   */
  check(newestTxn: number | undefined): Totals {
    if (!this.summed || !this.compared) return { ...NO_TOTALS, newest: this.newestKey() };
    const row = this.readRow();
    const totals = decodeTotals(row);
    // What this process itself wrote last was compared then.
    if (this.written?.equals(row)) return totals;
    this.compareRows(totals.parts);
    this.checkMarks(totals, newestTxn);
    return totals;
  }

  /** Checks what totals say beside the rows of each table: which transaction wrote them, and the newest record. */
  checkMarks({ txn, newest }: Totals, newestTxn: number | undefined): void {
    if (newestTxn !== undefined && txn !== newestTxn) {
      throw damaged(`the totals in table meta are of transaction ${txn}, and the newest is ${newestTxn}`);
    }
    const last = this.newestKey();
    if (!last.equals(newest)) throw notNewest(last, newest);
  }

  private compareRows(parts: Writing['parts']): void {
    for (const name of TABLE_NAMES) {
      const rows = this.tables[name].size() - (name === 'meta' ? OWN_ROWS : 0);
      const wanted = rowsOf(name, parts);
      if (rows !== wanted) throw damaged(`table ${name} has ${rows} rows, and ${wanted} were written`);
    }
  }
}

function notNewest(last: Buffer, newest: Buffer): MvccwError {
  const name = (key: Buffer) => (key.length === 0 ? 'no record' : nameRow('key', key));
  return damaged(`the newest record in table key is ${name(last)}, and ${name(newest)} was written`);
}

/** Throws CORRUPT if the rows of a part are not those that were written. */
export function compareTotal(part: Part, found: Total, wanted: Total): void {
  if (found.rows !== wanted.rows) throw damaged(`${inPart(part)} ${found.rows} rows, and ${wanted.rows} were written`);
  if (found.sum !== wanted.sum)
    throw damaged(`${inPart(part)} ${found.rows} rows, but not those that were written last`);
}

function inPart(part: Part): string {
  return part === 'history'
    ? 'the older revisions in table index have'
    : part === 'index'
      ? 'the newest revisions in table index have'
      : `table ${part} has`;
}
