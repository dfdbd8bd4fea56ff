// Compares every row of a database with its sum, and every table with its totals, and goes on behind what is wrong.

import { MvccwError } from '../errors.js';
import { TABLE_NAMES, type TableName } from '../mvcc/backend.js';
import { isOwnRow } from './database-format.js';
import type { OnDone } from './listener.js';
import type { LmdbTable } from './lmdb-table.js';
import { nameRow } from './row-name.js';
import type { RowValues } from './row-values.js';
import { NO_ROWS, type Part, partOf, partsOf, type Total, type Totals, withRow } from './table-totals.js';
import { compareTotal, type TotalsKeeper } from './totals-keeper.js';

export interface RowDamage {
  readonly table: TableName;
  /** The key of the row that has a wrong sum; undefined if it is the table whose totals differ. */
  readonly key?: Buffer;
  /** Whether only the totals themselves are wrong. */
  readonly ofTotals?: boolean;
  readonly problem: string;
}

type OfTables<T> = Readonly<Record<TableName, T>>;

/** What is audited. */
interface Audited {
  readonly rows: OfTables<LmdbTable>;
  readonly values: OfTables<RowValues>;
  readonly keeper: TotalsKeeper;
  /** The newest transaction of LMDB. */
  readonly newestTxn: number;
}

/** Audits the tables that are not in `unreadable`. `onRows` is called with how many rows were read. */
export function* auditRows(
  { rows, values, keeper, newestTxn }: Audited,
  unreadable: ReadonlySet<string>,
  onRows: OnDone = () => undefined,
): Iterable<RowDamage> {
  if (!values.meta.summed) return;
  let totals: Totals | undefined;
  const unread = problemOf(() => {
    totals = keeper.read();
  });
  if (unread !== undefined) yield { table: 'meta', ofTotals: true, problem: unread };
  const counted = new Set<Part>();
  const readable = TABLE_NAMES.filter((table) => !unreadable.has(table));
  const count = readable.reduce((sum, table) => sum + rows[table].size(), 0);
  let done = 0;
  for (const table of readable) {
    const found = new Map<Part, Total | undefined>(partsOf(table).map((part) => [part, NO_ROWS]));
    for (const { key } of rows[table].entries()) {
      onRows(++done, count);
      if (table === 'meta' && isOwnRow(key)) continue;
      const sum = values[table].sumOfLast(key);
      const part = partOf(table, key);
      const total = found.get(part);
      if (sum === undefined)
        yield { table, key, problem: `${nameRow(table, key)}: its row in table ${table} has a wrong sum` };
      found.set(part, sum === undefined || total === undefined ? undefined : withRow(total, sum));
    }
    for (const [part, total] of found) {
      if (totals === undefined || total === undefined) continue;
      const problem = problemOf(() => compareTotal(part, total, totals!.parts[part]));
      if (problem === undefined) counted.add(part);
      else yield { table, problem };
    }
  }
  if (totals === undefined || counted.size < Object.keys(totals.parts).length) return;
  const problem = problemOf(() => keeper.checkMarks(totals!, newestTxn));
  if (problem !== undefined) yield { table: 'meta', ofTotals: true, problem };
}

/** Returns what a check says is wrong with the bytes; undefined for nothing. */
function problemOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'CORRUPT') return error.message;
    throw error;
  }
}
