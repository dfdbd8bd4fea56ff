// Copies the entries of a table into another database.

import { MvccwError } from '../errors.js';
import type { Backend, Entry, ReadTable, TableName } from '../mvcc/backend.js';
import { DAMAGED, lmdbError } from './lmdb-error.js';

/** The longest key that LMDB takes. */
const MAX_KEY_BYTES = 1978;

/** The number of entries in one transaction of the copy, whose pages are held in memory until it is committed. */
const BATCH_ENTRIES = 50_000;

/** Copies a table of the database in `directory`. Throws CORRUPT, which names that directory and not the copy. */
export function copyTable(from: ReadTable, directory: string, to: Backend, name: TableName): void {
  const entries = checkedEntries(from, directory);
  let done = false;
  while (!done) {
    to.transaction(() => {
      for (let count = 0; count < BATCH_ENTRIES; count++) {
        const next = entries.next();
        done = next.done ?? false;
        if (next.done) return;
        to.tables[name].put(next.value.key, next.value.value);
      }
    });
  }
}

/** Gives the entries of a table. An error names the database, not its copy. */
function* checkedEntries(table: ReadTable, directory: string): Iterator<Entry, undefined> {
  const what = `cannot read ${directory}`;
  try {
    for (const entry of table.entries()) {
      if (entry.key.length === 0 || entry.key.length > MAX_KEY_BYTES) {
        const { code, hint } = DAMAGED;
        throw new MvccwError(code, `${what}: a key has ${entry.key.length} bytes, which LMDB does not take`, { hint });
      }
      yield entry;
    }
  } catch (error) {
    throw lmdbError(error, what);
  }
  return undefined;
}
