// Opens what a path names, a database of mvccw or an etcd file, for reading or for writing.

import { dirname, join } from 'node:path';
import { MvccwError } from '../errors.js';
import type { WindowDoubt } from '../inspect/wal/log-window.js';
import type { Backend, ReadBackend } from '../mvcc/backend.js';
import { checkEdges } from '../mvcc/history-edges.js';
import { CheckedStoreReader, Store, StoreReader } from '../mvcc/store.js';
import type { EtcdOrigin } from '../replay/scenario/plan.js';
import { readWatchSpecs, type WatchSpec } from '../requests/watch-spec.js';
import { noDatabase, statOf } from './database-path.js';
import { type LogPlace, type PlaceOptions, placeOf } from './database-place.js';
import type { EtcdFile, EtcdFileOptions } from './etcd-file.js';
import { importedFrom, importedOrigin } from './import-note.js';
import type { Listener, OnProgress, OnRemark } from './listener.js';
import type { LmdbBackend } from './lmdb-backend.js';
import { lmdbError } from './lmdb-error.js';
import { logDirectoryIn } from './log-directory.js';
import { endingIn } from './log-problem.js';
import type { LogSource } from './log-source.js';
import { checkWritten } from './only-read.js';
import { metered, openEtcdFile, openLmdb } from './open-backend.js';
import { salvageDoubts } from './salvage-note.js';

export interface Database {
  readonly path: string;
  readonly backend: ReadBackend;
  readonly store: StoreReader;
  readonly watchSpecs: readonly WatchSpec[];
  /** The etcd file; undefined for a database of mvccw, and for a log alone. */
  readonly etcdFile: EtcdFile | undefined;
  /** The database of mvccw, which has an index; undefined for an etcd file and a log. */
  readonly lmdb: LmdbBackend | undefined;
  /** Whether the etcd file has a SHA-256, which was then right; undefined for a database of mvccw. */
  readonly digest: 'ok' | 'absent' | undefined;
  /** The file that the database was imported from; undefined if it was not imported. */
  readonly importedFrom: string | undefined;
  /** The version that the etcd file names, or the one it was imported from. */
  readonly origin: EtcdOrigin | undefined;
  /** The log that the records come from; undefined if they do not come from one. */
  readonly log: LogSource | undefined;
}

export interface WritableDatabase {
  readonly backend: Backend;
  readonly store: Store;
}

export interface ReadOptions extends Listener, PlaceOptions, Pick<EtcdFileOptions, 'cacheBytes'> {
  /** The only revision at which the state is read, 0 for the newest; undefined if others are read too. */
  readonly atRev?: number | undefined;
}

interface Heard {
  readonly onRemark: OnRemark;
  readonly onDoubt: OnRemark;
  readonly onProgress: OnProgress;
  readonly atRev?: number | undefined;
}

/**
 * Opens what the path names, hands it to `body`, and closes it. Nothing is written. The digest of a snapshot is checked
 * first, which reads the whole file: a wrong answer would be worse than a late one. Throws IO at the end if a server has
 * written to the file meanwhile, and CORRUPT if something is wrong with the log.
 */
export async function withDatabase<T>(
  given: string,
  body: (database: Database) => Promise<T>,
  options: ReadOptions = {},
): Promise<T> {
  const { onRemark = () => undefined, onDoubt = onRemark, onProgress = () => undefined, cacheBytes, atRev } = options;
  const place = await placeOf(given, options, onRemark);
  const { path } = place;
  if (place.kind === 'mvccw') {
    const lmdb = await openLmdb(path, { readOnly: true });
    return closing(lmdb, path, () => readOwn(lmdb, path, body, { onRemark, onDoubt, onProgress }));
  }
  const file = place.kind === 'etcd' ? await openEtcdFile(path, onProgress, { cacheBytes }) : undefined;
  return closing(file, path, () =>
    readEtcd({ path, file, log: place.log }, body, { onRemark, onDoubt, onProgress, atRev }),
  );
}

async function closing<T>(opened: { close(): void } | undefined, path: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw lmdbError(error, `cannot read ${path}`);
  } finally {
    opened?.close();
  }
}

async function readOwn<T>(
  lmdb: LmdbBackend,
  path: string,
  body: (database: Database) => Promise<T>,
  { onRemark, onProgress }: Heard,
): Promise<T> {
  const backend = metered(lmdb, path, onProgress);
  const doubts = salvageDoubts(backend);
  if (doubts !== undefined) await onRemark(`the database was salvaged from a damaged file: ${doubts}`);
  return body({
    path,
    backend,
    digest: undefined,
    store: new StoreReader(backend),
    watchSpecs: readWatchSpecs(backend.tables.watch),
    etcdFile: undefined,
    lmdb,
    log: undefined,
    importedFrom: importedFrom(backend),
    origin: importedOrigin(backend),
  });
}
interface EtcdPlace {
  readonly path: string;
  readonly file: EtcdFile | undefined;
  readonly log: LogPlace | undefined;
}

/** Reads an etcd file, a log, or both. */
async function readEtcd<T>(
  { path, file, log: place }: EtcdPlace,
  body: (database: Database) => Promise<T>,
  { onRemark, onDoubt, onProgress, atRev }: Heard,
): Promise<T> {
  let log: LogSource | undefined;
  const read = async () => {
    const digest = file?.verifyTrailer((done, total) => onProgress(`checking ${path}`, done, total));
    for (const { text } of file?.openingRemarks() ?? []) await onRemark(text);
    if (place !== undefined) log = await openLogOf(place, file, onProgress);
    for (const text of log?.window.remarks ?? []) await onRemark(text);
    const backend: ReadBackend = log?.backend ?? file!;
    const store = new CheckedStoreReader(backend);
    const doubt = log?.window.doubt;
    if (doubt !== undefined && isDoubted(doubt, atRev === 0 ? store.currentRev : atRev)) await onDoubt(doubt.text);
    checkEdges(backend.tables.key, store.state);
    const database: Database = {
      path,
      backend,
      digest,
      store,
      watchSpecs: [],
      etcdFile: file,
      lmdb: undefined,
      log,
      importedFrom: undefined,
      origin: { version: file?.etcdVersion() },
    };
    return endingIn(log, () => body(database)).finally(async () => {
      for (const { text } of file?.readingRemarks() ?? []) await onRemark(text);
    });
  };
  try {
    if (file === undefined) return await read();
    return await file.whileUnchanged(read, () => log?.readsFile ?? true);
  } catch (error) {
    throw place === undefined ? withLogHint(error, path) : error;
  } finally {
    log?.close();
  }
}

/** Tells that the log beside a file may hold what was compacted in the file. */
function withLogHint(error: unknown, path: string): unknown {
  if (!(error instanceof MvccwError) || error.code !== 'COMPACTED') return error;
  const log = logDirectoryIn(join(dirname(path), '..'));
  if (log === undefined) return error;
  const hint = `the log in ${log} may hold it: name the data directory of the server, without --compacted`;
  return new MvccwError(error.code, error.message, {
    hint: [error.hint, hint].filter(Boolean).join('; '),
    cause: error,
  });
}

/** Whether a doubt holds for what is read: the state at one revision, or more. */
function isDoubted({ from, to }: WindowDoubt, atRev: number | undefined): boolean {
  return atRev === undefined || (from <= atRev && atRev <= to);
}

/** Opens a log. Its code is loaded only then. */
async function openLogOf(place: LogPlace, file: EtcdFile | undefined, onProgress: OnProgress): Promise<LogSource> {
  const { openLogSource } = await import('./log-source.js');
  return openLogSource(place, file, onProgress);
}

export interface WritableOptions {
  /** Whether a missing database is made; if not, it is an error. The default is true. */
  readonly create?: boolean;
  /** The clock, in ms since 1970. */
  readonly now?: () => number;
}

/**
 * Opens a database of mvccw for writing, or makes one, hands it to `body`, and closes it. Leases that have run out are
 * revoked first.
 */
export async function withWritableDatabase<T>(
  path: string,
  body: (database: WritableDatabase) => Promise<T>,
  { create = true, now = Date.now }: WritableOptions = {},
): Promise<T> {
  if (!create && statOf(path) === undefined) throw noDatabase(path);
  checkWritten(path);
  const backend = await openLmdb(path);
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
