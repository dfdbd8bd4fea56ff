// Makes a database of mvccw out of something else.

import { rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MvccwError } from '../errors.js';
import type { Backend } from '../mvcc/backend.js';
import { readState } from '../mvcc/store-state.js';
import { holdsEnvironment, holdsOtherFiles } from './check-environment.js';
import { statOf } from './database-path.js';
import { LmdbBackend } from './lmdb-backend.js';

/**
 * Makes a new database and fills it in one transaction. If that fails, what was made is removed. A database that holds
 * nothing but registered watchers counts as new, and keeps them. Throws EXISTS for any other.
 */
export function withNewDatabase<T>(path: string, fill: (backend: Backend) => T): T {
  const stats = statOf(path);
  if (stats !== undefined && (!stats.isDirectory() || (!holdsEnvironment(path) && holdsOtherFiles(path)))) {
    throw alreadyThere(path);
  }
  const isNew = stats === undefined || !holdsEnvironment(path);
  const backend = new LmdbBackend(path);
  let filled = false;
  try {
    const { key, lease } = backend.tables;
    if (key.size() > 0 || lease.size() > 0 || readState(backend).compactRev >= 0) throw alreadyThere(path);
    const result = backend.transaction(() => fill(backend));
    filled = true;
    return result;
  } finally {
    backend.close();
    if (isNew && !filled) removeEnvironment(path, stats === undefined);
  }
}

function alreadyThere(path: string): MvccwError {
  return new MvccwError('EXISTS', `${path} is not empty: an import makes a new database`, {
    hint: 'name another directory with --db, or remove this one first',
  });
}

function removeEnvironment(path: string, directoryToo: boolean): void {
  for (const name of ['data.mdb', 'lock.mdb']) rmSync(join(path, name), { force: true });
  if (directoryToo) rmdirSync(path);
}
