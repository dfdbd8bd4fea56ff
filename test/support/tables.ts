// This module reads all rows of a database, to compare it with another one.

import { TABLE_NAMES } from '../../src/mvcc/backend.js';
import { withDatabase } from '../../src/storage/database.js';

/** These rows of `meta` are the database's own. */
const OWN = ['mvccw.id', 'mvccw.format', 'mvccw.totals'];

/** Returns all rows of a database of mvccw but its id and its format. */
export async function tablesOf(path: string): Promise<Readonly<Record<string, string[]>>> {
  return withDatabase(path, async ({ backend }) =>
    Object.fromEntries(
      TABLE_NAMES.map((name) => {
        const rows = [...backend.tables[name].entries()].map(({ key, value }) => [
          key.toString('latin1'),
          value.toString('latin1'),
        ]);
        return [name, rows.filter(([key]) => !OWN.includes(key!)).map((row) => row.join('\n'))];
      }),
    ),
  );
}
