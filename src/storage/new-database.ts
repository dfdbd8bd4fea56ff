// Makes a database of mvccw from something else.
//
//   where there is none        1. fill one in a directory of its own within the target
//                              2. give its data.mdb a second name, in the target: that fails where one has appeared
//                              3. remove the directory with the first name
//   where there is an empty    fill it, in one transaction
//
// So other processes see all of the database or nothing, whatever they do to the target meanwhile, and a failure
// removes only what was made here. A process that is asked to end removes its directory. A process that is killed
// leaves it behind, and the next import into the target removes it.

import { randomUUID } from 'node:crypto';
import { linkSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { kill, pid } from 'node:process';
import { MvccwError, type OnInterrupt } from '../errors.js';
import type { Backend } from '../mvcc/backend.js';
import { readState } from '../mvcc/store-state.js';
import { DATA_FILE, FILLING_PREFIX, holdsEnvironment, holdsOtherFiles, makeDirectory } from './check-lmdb-directory.js';
import { statOf } from './database-path.js';
import { makeNamesDurable } from './durable-name.js';
import { interruptible, type Pause } from './interruption.js';
import { ioError } from './io-error.js';
import { LmdbBackend } from './lmdb-backend.js';

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
async function fillEmpty<T>(directory: string, target: string, fill: (backend: Backend) => Promise<T> | T): Promise<T> {
  const backend = new LmdbBackend(directory);
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
  removeAbandoned(path);
  const beside = join(path, `${FILLING_PREFIX}${pid}-${randomUUID()}`);
  try {
    const result = await fillEmpty(beside, path, (backend) => fill(backend, pause));
    await pause();
    linkSync(join(beside, DATA_FILE), join(path, DATA_FILE));
    makeNamesDurable(path);
    return result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyThere(path);
    throw error instanceof MvccwError ? error : ioError(error, `cannot make a database in ${path}`);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

/** Removes the directories of processes that no longer run. */
function removeAbandoned(path: string): void {
  for (const name of readdirSync(path)) {
    const owner = name.startsWith(FILLING_PREFIX) ? Number.parseInt(name.slice(FILLING_PREFIX.length), 10) : undefined;
    if (owner !== undefined && !isRunning(owner)) rmSync(join(path, name), { recursive: true, force: true });
  }
}

function isRunning(owner: number): boolean {
  try {
    kill(owner, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Another process has begun to use the directory.
  }
}

function alreadyThere(path: string): MvccwError {
  return new MvccwError('EXISTS', `${path} is not empty: an import makes a new database`, {
    hint: 'name another directory with --db, or remove this one first',
  });
}
