// Makes a database of mvccw from something else.
//
//   where there is none        1. fill one in a directory of its own within the target
//                              2. give its data.mdb a second name, in the target: that fails where one has appeared
//                              3. remove the directory with the first name
//   where there is an empty    fill it, in one transaction
//
// So other processes see all of the database or nothing, whatever they do to the target meanwhile, and a failure
// removes only what was made here. A process that is asked to end removes its directory. A process that is killed
// leaves it behind, and whoever next opens or makes the database for writing removes it.

import { rmdirSync } from 'node:fs';
import { MvccwError, type OnInterrupt } from '../errors.js';
import type { Backend } from '../mvcc/backend.js';
import { readState } from '../mvcc/store-state.js';
import { holdsEnvironment, holdsOtherFiles, makeDirectory } from './check-lmdb-directory.js';
import { statOf } from './database-path.js';
import { interruptible, type Pause } from './interruption.js';
import { LmdbBackend, type LmdbOptions } from './lmdb-backend.js';
import { appear, appearing } from './new-data-file.js';

/** Fills a database, and pauses now and then. */
type Fill<T> = (backend: Backend, pause: Pause) => Promise<T> | T;

export interface NewDatabaseOptions {
  /** Listens for signals. After a signal nothing is left of the database, and InterruptedError is thrown. */
  readonly onInterrupt?: OnInterrupt | undefined;
}

/**
 * Makes a new database and fills it. If that fails, nothing is left of it. A database that holds only registered
 * watchers counts as new, and keeps them. Throws EXISTS for any other database.
 */
export async function withNewDatabase<T>(
  path: string,
  fill: Fill<T>,
  { onInterrupt }: NewDatabaseOptions = {},
): Promise<T> {
  const stats = statOf(path);
  if (stats !== undefined && !stats.isDirectory()) throw alreadyThere(path);
  if (stats !== undefined && holdsEnvironment(path)) {
    return interruptible(onInterrupt, (pause) => fillEmpty(path, path, (backend) => fill(backend, pause)));
  }
  if (stats !== undefined && holdsOtherFiles(path)) throw alreadyThere(path);

  const isOurs = makeDirectory(path);
  try {
    return await interruptible(onInterrupt, (pause) => fillBeside(path, fill, pause));
  } catch (error) {
    if (isOurs) removeIfEmpty(path);
    throw error;
  }
}

/** Fills the database in `directory`. Messages name `target`. */
async function fillEmpty<T>(
  directory: string,
  target: string,
  fill: (backend: Backend) => Promise<T> | T,
  options: LmdbOptions = {},
): Promise<T> {
  const backend = new LmdbBackend(directory, options);
  try {
    return await backend.transaction(async () => {
      const { key, lease } = backend.tables;
      if (key.size() > 0 || lease.size() > 0 || readState(backend).compactRev >= 0) throw alreadyThere(target);
      return await fill(backend);
    });
  } finally {
    backend.close();
  }
}

async function fillBeside<T>(path: string, fill: Fill<T>, pause: Pause): Promise<T> {
  return appearing(path, async (beside) => {
    const result = await fillEmpty(beside, path, (backend) => fill(backend, pause), { hidden: true });
    await pause();
    if (!appear(beside, path)) throw alreadyThere(path);
    return result;
  });
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Another process has begun to use the directory.
  }
}

function alreadyThere(path: string): MvccwError {
  return new MvccwError('EXISTS', `${path} is not empty: a new database is made only where there is none`, {
    hint: 'name another directory with --db, or remove this one first',
  });
}
