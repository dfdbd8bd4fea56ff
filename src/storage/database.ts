// Finds out what a path names, a database of mvccw or an etcd file, and opens it for reading or writing.

import { rmdirSync, rmSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { MvccwError } from '../errors.js';
import type { Backend, ReadBackend, ReadTable } from '../mvcc/backend.js';
import { MemoryTable } from '../mvcc/memory-table.js';
import { rebuildIndex } from '../mvcc/rebuild-index.js';
import { Store, StoreReader } from '../mvcc/store.js';
import { readState } from '../mvcc/store-state.js';
import { readWatchSpecs, type WatchSpec } from '../watch/watch-spec.js';
import { holdsEnvironment, holdsOtherFiles } from './check-environment.js';
import { type EtcdFile, openEtcdFile } from './etcd-file.js';
import { ioError } from './io-error.js';
import { LmdbBackend, noDatabase } from './lmdb-backend.js';
import { lmdbError } from './lmdb-error.js';

const IMPORTED_FROM_KEY = Buffer.from('mvccw.importedFrom');

export interface Database {
  readonly path: string;
  readonly backend: ReadBackend;
  readonly store: StoreReader;
  readonly watchSpecs: readonly WatchSpec[];
  /** Only where the path names an etcd file. */
  readonly etcdFile: EtcdFile | undefined;
  /** Whether the etcd file carries a SHA-256; one that is wrong has been refused. */
  readonly digest: 'ok' | 'absent' | undefined;
  /** The file that the database was imported from, if it was. */
  readonly importedFrom: string | undefined;
}

export interface WritableDatabase {
  readonly backend: Backend;
  readonly store: Store;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw ioError(error, `cannot open ${path}`);
  }
}

function notADatabase(path: string): MvccwError {
  return new MvccwError('FORMAT', `${path} is a directory, but no database of mvccw: it holds no data.mdb`, {
    hint: 'name the directory that mvccw import made, or an etcd file',
  });
}

function buildIndex(file: ReadBackend): ReadTable {
  const store = new StoreReader(file);
  const index = new MemoryTable();
  rebuildIndex(store.records(0, store.currentRev), index);
  return index;
}

/**
 * Opens what the path names, hands it to `body`, and closes it. Nothing is written. Of a snapshot the digest is checked
 * first, which reads all of it: a wrong answer would be worse than a late one.
 */
export async function withDatabase<T>(path: string, body: (database: Database) => Promise<T>): Promise<T> {
  const stats = statOf(path);
  if (stats === undefined) throw noDatabase(path);
  const etcdFile: EtcdFile | undefined = stats.isDirectory()
    ? undefined
    : openEtcdFile(path, { buildIndex: () => buildIndex(etcdFile!) });
  if (etcdFile === undefined && !holdsEnvironment(path)) throw notADatabase(path);
  const backend = etcdFile ?? new LmdbBackend(path, { readOnly: true });
  try {
    const digest = etcdFile?.verifyTrailer();
    return await body({
      path,
      backend,
      digest,
      store: new StoreReader(backend),
      watchSpecs: readWatchSpecs(backend.tables.watch),
      etcdFile,
      importedFrom: backend.tables.meta.get(IMPORTED_FROM_KEY)?.toString(),
    });
  } catch (error) {
    throw lmdbError(error, `cannot read ${path}`);
  } finally {
    backend.close();
  }
}

/** Opens a database of mvccw, for reading, to be looked at again and again. */
export function openReader(path: string): LmdbBackend {
  const stats = statOf(path);
  if (stats === undefined) throw noDatabase(path);
  if (!stats.isDirectory()) {
    throw new MvccwError('USAGE', `${path} is a file: only a database of mvccw can be watched while it changes`, {
      hint: 'what its watchers would receive shows: mvccw replay --from-rev N',
    });
  }
  if (!holdsEnvironment(path)) throw notADatabase(path);
  return new LmdbBackend(path, { readOnly: true });
}

export interface WritableOptions {
  /** False: a path without a database is an error. */
  readonly create?: boolean;
  /** ms since 1970. */
  readonly now?: () => number;
}

/**
 * Opens a database of mvccw for writing, a new one if there is none, hands it to `body`, and closes it. Leases that
 * have run out are revoked first.
 */
export async function withWritableDatabase<T>(
  path: string,
  body: (database: WritableDatabase) => Promise<T>,
  { create = true, now = Date.now }: WritableOptions = {},
): Promise<T> {
  const stats = statOf(path);
  if (stats === undefined && !create) throw noDatabase(path);
  if (stats !== undefined && !stats.isDirectory()) {
    throw new MvccwError('USAGE', `${path} is a file: mvccw writes only to databases of its own`, {
      hint: `make one of it with: mvccw import ${path} --db DIR`,
    });
  }
  if (stats !== undefined && !holdsEnvironment(path) && holdsOtherFiles(path)) throw notADatabase(path);
  const backend = new LmdbBackend(path);
  try {
    const store = new Store(backend);
    store.expireLeases(now());
    return await body({ backend, store });
  } catch (error) {
    throw lmdbError(error, `cannot write to ${path}`);
  } finally {
    backend.close();
  }
}

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

/** Notes, inside a write transaction, where a database came from. */
export function noteImport(backend: Backend, file: string): void {
  backend.tables.meta.put(IMPORTED_FROM_KEY, Buffer.from(file));
}
