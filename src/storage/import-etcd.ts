// Makes a database of mvccw from an etcd file, or from a write-ahead log with the file beside it. The records, the marks of compaction and the leases stay as they are;
// the key index, which etcd's files lack, is added. All is one transaction: the whole of it is there, or nothing is.

import type { OnInterrupt } from '../errors.js';
import type { Backend, ReadBackend } from '../mvcc/backend.js';
import { HistoryCheck } from '../mvcc/history-check.js';
import { KeyIndex } from '../mvcc/key-index.js';
import { Leases, leaseEntries } from '../mvcc/leases.js';
import { IndexFiller, rebuildAttachments } from '../mvcc/rebuild-index.js';
import { allRecords } from '../mvcc/record.js';
import { StoreReader } from '../mvcc/store.js';
import { type PlaceOptions, placeOf } from './database-place.js';
import type { EtcdFile } from './etcd-file.js';
import { type FileRemark, type Missing, refuseMissing } from './file-remark.js';
import { noteImport } from './import-note.js';
import type { Pause } from './interruption.js';
import type { Listener } from './listener.js';
import { refuseProblem } from './log-problem.js';
import { type LogSource, openLogSource } from './log-source.js';
import { withNewDatabase } from './new-database.js';
import { openEtcdFile } from './open-backend.js';

export interface ImportOptions extends Listener, PlaceOptions {
  readonly file: string;
  /** The directory of the new database. */
  readonly directory: string;
  /** Listens for signals. After a signal nothing is left of the import, and InterruptedError is thrown. */
  readonly onInterrupt?: OnInterrupt | undefined;
  /** What may be missing from the file and yet it is imported. */
  readonly mayMiss?: readonly Missing[] | undefined;
}

export interface ImportResult {
  readonly records: number;
  readonly leases: number;
  readonly revision: number;
  readonly compactRevision: number;
  /** Whether the file has a SHA-256, which was then right. */
  readonly digest: 'ok' | 'absent';
}

const META_RECORDS = ['scheduledCompactRev', 'finishedCompactRev'].map((name) => Buffer.from(name));

/**
 * Imports a file. All of it is read and checked before anything is written. Throws InterruptedError, EXISTS if the target
 * holds anything, FORMAT or CORRUPT for a bad file, CORRUPT also for one from which something may be missing.
 */
export async function importEtcdFile(options: ImportOptions): Promise<ImportResult> {
  const { file: given, directory, onProgress = () => undefined, onRemark = () => undefined, onInterrupt } = options;
  const { onDoubt = onRemark } = options;
  const place = await placeOf(given, options, onRemark);
  const file = place.kind === 'log' ? undefined : await openEtcdFile(place.path, onProgress);
  const logPlace = place.kind === 'mvccw' ? undefined : place.log;
  let log: LogSource | undefined;
  const read = async () => {
    const digest = file === undefined ? 'absent' : await checkFile(file, options);
    if (logPlace !== undefined) log = await openLogSource(logPlace, file, onProgress);
    for (const text of log?.window.remarks ?? []) await onRemark(text);
    if (log?.window.doubt !== undefined) await onDoubt(log.window.doubt.text);
    refuseProblem(log, 'imported');
    const source: ReadBackend = log?.backend ?? file!;
    const store = new StoreReader(source);
    const { currentRev, compactRev } = store;
    const fill = async (target: Backend, pause: Pause) => {
      const records = await copyRecords(store, target, pause);
      const leases = copyLeases(source, target);
      for (const name of META_RECORDS) {
        const mark = source.tables.meta.get(name);
        if (mark !== undefined) target.tables.meta.put(name, mark);
      }
      noteImport(target, place.path, file?.etcdVersion());
      if (log?.readsFile ?? true) file?.checkUnchanged();
      return { records, leases, revision: currentRev, compactRevision: compactRev, digest };
    };
    return withNewDatabase(directory, fill, { onInterrupt });
  };
  try {
    if (file === undefined) return await read();
    return await file.whileUnchanged(read, () => log?.readsFile ?? true);
  } finally {
    log?.close();
    file?.close();
  }
}

/** Checks all of a file. Throws CORRUPT if it is damaged, or if something may be missing from it that has to be there. */
async function checkFile(
  file: EtcdFile,
  { mayMiss = [], onRemark, onProgress }: ImportOptions,
): Promise<'ok' | 'absent'> {
  const { path } = file;
  const tell = async (remark: FileRemark) => {
    refuseMissing(path, remark, mayMiss, 'imported');
    await onRemark?.(remark.text);
  };
  for (const opening of file.openingRemarks()) await tell(opening);
  const digest = file.verifyTrailer((done, total) => onProgress?.(`checking ${path}`, done, total));
  for (const problem of file.survey().problems) await onRemark?.(problem);
  for (const reading of file.readingRemarks()) await tell(reading);
  return digest;
}

/** The number of records between two pauses. */
const PAUSE_RECORDS = 1000;

async function copyRecords(source: StoreReader, target: Backend, pause: Pause): Promise<number> {
  const index = new IndexFiller(new KeyIndex(target.tables.index), new HistoryCheck(source.compactRev));
  let records = 0;
  for (const record of source.records(0, source.currentRev)) {
    index.add(record);
    target.tables.key.put(record.keyBytes, record.valueBytes);
    records++;
    if (records % PAUSE_RECORDS === 0) await pause();
  }
  index.flush();
  await pause();
  return records;
}

/** Copies the leases. They get no deadline: keys must not begin to vanish because their file was imported. */
function copyLeases(source: ReadBackend, target: Backend): number {
  for (const entry of leaseEntries(source.tables.lease)) target.tables.lease.put(entry.key, entry.value);
  const book = new Leases(target.tables.lease);
  rebuildAttachments(allRecords(target.tables.key), book);
  return [...book.list()].length;
}
