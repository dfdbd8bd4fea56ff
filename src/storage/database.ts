// Opens what a path names, a database of mvccw or an etcd file, for reading or for writing.

import type { Backend, ReadBackend } from '../mvcc/backend.js';
import { buildAttachments, buildIndex } from '../mvcc/derived-tables.js';
import { checkEdges } from '../mvcc/history-edges.js';
import { CheckedStoreReader, Store, StoreReader } from '../mvcc/store.js';
import type { EtcdOrigin } from '../replay/scenario/plan.js';
import { readWatchSpecs, type WatchSpec } from '../requests/watch-spec.js';
import type { RevisionOrigin } from '../wal/origin.js';
import { holdsEnvironment } from './check-lmdb-directory.js';
import { etcdFileAt, noDatabase, notADatabase, statOf } from './database-path.js';
import type { EtcdFile, EtcdFileOptions } from './etcd-file.js';
import { importedFrom, importedOrigin } from './import-note.js';
import type { Listener, OnProgress, OnRemark } from './listener.js';
import type { LmdbBackend, LmdbOptions } from './lmdb-backend.js';
import { lmdbError } from './lmdb-error.js';
import { MeteredTable } from './metered-table.js';
import { checkWritten } from './only-read.js';
import { openUnpacked } from './open-unpacked.js';
import { salvageDoubts } from './salvage-note.js';

export interface Database {
  readonly path: string;
  readonly backend: ReadBackend;
  readonly store: StoreReader;
  readonly watchSpecs: readonly WatchSpec[];
  /** The etcd file; undefined for a database of mvccw. */
  readonly etcdFile: EtcdFile | undefined;
  /** The database of mvccw; undefined for an etcd file. */
  readonly lmdb: LmdbBackend | undefined;
  /** Whether the etcd file has a SHA-256, which was then right; undefined for a database of mvccw. */
  readonly digest: 'ok' | 'absent' | undefined;
  /** The file that the database was imported from; undefined if it was not imported. */
  readonly importedFrom: string | undefined;
  /** The version that the etcd file names, or the one it was imported from. */
  readonly origin: EtcdOrigin | undefined;
  /** Returns the log entry that a main revision came from, where that is known; absent if there is no log. */
  readonly originOf?: (main: number) => RevisionOrigin | undefined;
}

export interface WritableDatabase {
  readonly backend: Backend;
  readonly store: Store;
}

// Only the code for the kind of database that is there is loaded: lmdb alone takes longer than most commands.

export async function openLmdb(path: string, options: LmdbOptions = {}): Promise<LmdbBackend> {
  const { LmdbBackend } = await import('./lmdb-backend.js');
  return new LmdbBackend(path, options);
}

export async function openEtcdFile(
  path: string,
  onProgress?: OnProgress,
  options: Pick<EtcdFileOptions, 'anyContents' | 'cacheBytes'> = {},
): Promise<EtcdFile> {
  const etcd = await import('./etcd-file.js');
  const file: EtcdFile = etcd.openEtcdFile(path, {
    ...options,
    file: await openUnpacked(path, onProgress),
    buildIndex: () => buildIndex(file),
    buildAttachments: () => buildAttachments(file),
    onProgress,
  });
  return file;
}

/** Returns a database of mvccw that reports how far the reading of its records has come. */
export function metered(backend: ReadBackend, path: string, onProgress: OnProgress): ReadBackend {
  const { format } = backend;
  return {
    tables: { ...backend.tables, key: new MeteredTable(backend.tables.key, `reading ${path}`, onProgress) },
    ...(format !== undefined && { format }),
    sizeBytes: () => backend.sizeBytes(),
    close: () => backend.close(),
  };
}

/** Returns what to open: a directory of mvccw, or an etcd file, which may lie in an etcd server's directory. */
export async function findDatabase(given: string, onRemark: OnRemark): Promise<{ path: string; isDirectory: boolean }> {
  const stats = statOf(given);
  if (stats === undefined) throw noDatabase(given);
  if (!stats.isDirectory()) return { path: given, isDirectory: false };
  if (holdsEnvironment(given)) return { path: given, isDirectory: true };
  const { path, remark } = etcdFileAt(given);
  if (remark === undefined) throw notADatabase(given);
  await onRemark(remark);
  return { path, isDirectory: false };
}

export interface ReadOptions extends Listener, Pick<EtcdFileOptions, 'cacheBytes'> {}

/**
 * Opens what the path names, hands it to `body`, and closes it. Nothing is written. The digest of a snapshot is checked
 * first, which reads the whole file: a wrong answer would be worse than a late one. Throws IO at the end if a server has
 * written to the file meanwhile.
 */
export async function withDatabase<T>(
  given: string,
  body: (database: Database) => Promise<T>,
  { onRemark = () => undefined, onProgress = () => undefined, cacheBytes }: ReadOptions = {},
): Promise<T> {
  const { path, isDirectory } = await findDatabase(given, onRemark);
  const etcdFile = isDirectory ? undefined : await openEtcdFile(path, onProgress, { cacheBytes });
  const lmdb = isDirectory ? await openLmdb(path, { readOnly: true }) : undefined;
  const backend: ReadBackend = etcdFile ?? metered(lmdb!, path, onProgress);
  const read = async () => {
    const digest = etcdFile?.verifyTrailer((done, total) => onProgress(`checking ${path}`, done, total));
    for (const { text } of etcdFile?.openingRemarks() ?? []) await onRemark(text);
    const doubts = etcdFile === undefined ? salvageDoubts(backend) : undefined;
    if (doubts !== undefined) await onRemark(`the database was salvaged from a damaged file: ${doubts}`);
    const store = etcdFile === undefined ? new StoreReader(backend) : new CheckedStoreReader(backend);
    if (etcdFile !== undefined) checkEdges(backend.tables.key, store.state);
    return await body({
      path,
      backend,
      digest,
      store,
      watchSpecs: readWatchSpecs(backend.tables.watch),
      etcdFile,
      lmdb,
      importedFrom: importedFrom(backend),
      origin: etcdFile === undefined ? importedOrigin(backend) : { version: etcdFile.etcdVersion() },
    }).finally(async () => {
      for (const { text } of etcdFile?.readingRemarks() ?? []) await onRemark(text);
    });
  };
  try {
    return await (etcdFile === undefined ? read() : etcdFile.whileUnchanged(read));
  } catch (error) {
    throw lmdbError(error, `cannot read ${path}`);
  } finally {
    backend.close();
  }
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
