// Where a database was imported from, kept in the database.

import type { Backend, ReadBackend } from '../mvcc/backend.js';

const IMPORTED_FROM_KEY = Buffer.from('mvccw.importedFrom');

/** Notes it, inside a write transaction. */
export function noteImport(backend: Backend, file: string): void {
  backend.tables.meta.put(IMPORTED_FROM_KEY, Buffer.from(file));
}

/** The file; undefined for a database that was not imported. */
export function importedFrom(backend: ReadBackend): string | undefined {
  return backend.tables.meta.get(IMPORTED_FROM_KEY)?.toString();
}
