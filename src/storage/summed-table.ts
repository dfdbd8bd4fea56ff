// A table whose rows carry sums (row-values.ts), checked whenever a row is read, and whose totals (table-totals.ts) are
// kept up. A scan of a whole part is compared with its totals.
//
// A row whose key is damaged is missing where it should be, but still lies between its neighbours. So where a row is
// missing, or a range ends, the rows on both sides are checked too. Ranges of records need no such look: revisions
// follow one another.
//
// In a database of format 1 there are no sums, and rows are read and written as they are. In either, the backend's own
// rows of `meta` are left out.

import type { ByteRange } from '../bytes/byte-range.js';
import type { Entry, Table, TableName } from '../mvcc/backend.js';
import { isOwnRow, OWN_ROWS } from './database-format.js';
import { damaged } from './lmdb-error.js';
import type { LmdbTable } from './lmdb-table.js';
import { nameRow } from './row-name.js';
import type { RowValues } from './row-values.js';
import { partOf, partsWithin, Tally } from './table-totals.js';
import type { TotalsKeeper } from './totals-keeper.js';

export class SummedTable implements Table {
  constructor(
    private readonly name: TableName,
    private readonly rows: LmdbTable,
    private readonly values: RowValues,
    private readonly keeper: TotalsKeeper,
    /** Runs a change in a transaction of its own. */
    private readonly transaction: (change: () => void) => void,
    /** Whether a sum that is wrong is an error. */
    private readonly compared: boolean,
  ) {}

  get(key: Buffer): Buffer | undefined {
    const value = this.rows.get(key);
    if (value !== undefined) this.checkLast(key);
    else this.checkNeighbours(key, key);
    return value;
  }

  entries(range: ByteRange = {}): Iterable<Entry> {
    if (this.values.summed) return this.checkedEntries(range);
    return this.name === 'meta' ? withoutOwn(this.rows.entries(range)) : this.rows.entries(range);
  }

  private *checkedEntries(range: ByteRange): Iterable<Entry> {
    const { keeper, name } = this;
    const state = keeper.state();
    const parts = state === undefined ? [] : partsWithin(name, range, state.totals);
    if (name !== 'key') this.checkNeighbours(range.gte, undefined);
    const tally = new Tally(name, parts);
    for (const entry of this.rows.entries(range)) {
      if (this.isOwn(entry.key)) continue;
      tally.add(entry.key, this.checkLast(entry.key));
      yield entry;
    }
    if (name !== 'key') this.checkNeighbours(undefined, range.lt);
    if (state !== undefined) keeper.compare(tally.end(), state);
  }

  last(range: ByteRange = {}): Entry | undefined {
    if (this.name === 'meta') return [...this.entries(range)].pop();
    const entry = this.rows.last(range);
    if (entry !== undefined) this.checkLast(entry.key);
    this.checkNeighbours(entry === undefined ? range.gte : undefined, range.lt);
    return entry;
  }

  size(): number {
    const own = this.name !== 'meta' ? 0 : this.values.summed ? OWN_ROWS : 1;
    return this.rows.size() - own;
  }

  put(key: Buffer, value: Buffer): void {
    this.change(() => {
      if (this.values.summed) this.putSummed(key, value);
      else this.rows.put(key, value);
      if (this.name === 'key') this.keeper.notePut(key);
    });
  }

  private change(body: () => void): void {
    if (this.keeper.isWriting) body();
    else this.transaction(body);
  }

  private putSummed(key: Buffer, value: Buffer): void {
    const sum = this.values.sum(key, value);
    const bytes = this.values.withSum(value, sum);
    if (!this.rows.insert(key, bytes)) {
      this.takeOff(key);
      this.rows.put(key, bytes);
    }
    this.keeper.add(partOf(this.name, key), sum);
  }

  delete(key: Buffer): void {
    this.change(() => {
      if (this.values.summed && !this.takeOff(key)) return;
      this.rows.delete(key);
      if (this.name === 'key') this.keeper.noteDelete(key);
    });
  }

  /** Takes a row that is about to go off the totals. Returns false if there is none. */
  private takeOff(key: Buffer): boolean {
    if (this.rows.get(key) === undefined) return false;
    this.keeper.remove(partOf(this.name, key), this.checkLast(key));
    return true;
  }

  /** Checks the last row below a key, and the first that is not below another. Throws CORRUPT. */
  private checkNeighbours(above: Buffer | undefined, from: Buffer | undefined): void {
    if (!this.values.summed || !this.compared || this.keeper.isFilling(this.name)) return;
    const before = above && this.rows.last({ lt: above });
    if (before !== undefined && !this.isOwn(before.key)) this.checkLast(before.key);
    if (from === undefined) return;
    for (const { key } of this.rows.entries({ gte: from })) {
      if (!this.isOwn(key)) this.checkLast(key);
      return;
    }
  }

  private isOwn(key: Buffer): boolean {
    return this.name === 'meta' && isOwnRow(key);
  }

  /** Returns the sum of the row that was read last; 0 if there are no sums. Throws CORRUPT if it is not right. */
  private checkLast(key: Buffer): number {
    if (!this.values.summed || !this.compared) return 0;
    const sum = this.values.sumOfLast(key);
    if (sum === undefined) throw damaged(`${nameRow(this.name, key)}: its row in table ${this.name} has a wrong sum`);
    return sum;
  }
}

function* withoutOwn(entries: Iterable<Entry>): Iterable<Entry> {
  for (const entry of entries) if (!isOwnRow(entry.key)) yield entry;
}
