// An etcd file becomes a database of mvccw: the records, the marks of compaction and the leases as they are, and the
// key index, which etcd's files lack, beside them. One transaction: it is all there, or nothing is.

import type { Backend, ReadBackend } from '../mvcc/backend.js';
import { KeyIndex } from '../mvcc/key-index.js';
import { Leases } from '../mvcc/leases.js';
import { IndexFiller, rebuildAttachments } from '../mvcc/rebuild-index.js';
import { StoreReader } from '../mvcc/store.js';
import { etcdFileAt } from './database-path.js';
import { openEtcdFile } from './etcd-file.js';
import { noteImport } from './import-note.js';
import { withNewDatabase } from './new-database.js';

/** What the import is doing, and how far it has come. */
export type OnImportProgress = (stage: 'checking' | 'importing', done: number, total: number) => void;

export interface ImportOptions {
  readonly file: string;
  /** The directory of the new database. */
  readonly directory: string;
  readonly onProgress?: OnImportProgress | undefined;
  /** Is told what whoever imports should know, and is no error. */
  readonly onRemark?: ((remark: string) => void) | undefined;
}

export interface ImportResult {
  readonly records: number;
  readonly leases: number;
  readonly revision: number;
  readonly compactRevision: number;
  /** Whether a SHA-256 at the file's end was there to be checked. */
  readonly digest: 'ok' | 'absent';
}

const META_RECORDS = ['scheduledCompactRev', 'finishedCompactRev'].map((name) => Buffer.from(name));

/** Throws EXISTS when the target holds anything, CORRUPT or FORMAT for a damaged file. */
export function importEtcdFile({ file: given, directory, onProgress, onRemark }: ImportOptions): ImportResult {
  const { path: file, remark } = etcdFileAt(given);
  const source = openEtcdFile(file);
  try {
    for (const text of [remark, source.boltInfo().lengthProblem]) if (text !== undefined) onRemark?.(text);
    const digest = source.verifyTrailer((done, total) => onProgress?.('checking', done, total));
    const store = new StoreReader(source);
    const { currentRev, compactRev } = store;
    return withNewDatabase(directory, (target) => {
      const records = copyRecords(store, target, (revision) => onProgress?.('importing', revision, currentRev));
      const leases = copyLeases(source, target);
      for (const name of META_RECORDS) {
        const mark = source.tables.meta.get(name);
        if (mark !== undefined) target.tables.meta.put(name, mark);
      }
      noteImport(target, file, source.etcdVersion());
      const cleared = source.clearedRemark();
      if (cleared !== undefined) onRemark?.(cleared);
      return { records, leases, revision: currentRev, compactRevision: compactRev, digest };
    });
  } finally {
    source.close();
  }
}

function copyRecords(source: StoreReader, target: Backend, onRevision: (revision: number) => void): number {
  const index = new IndexFiller(new KeyIndex(target.tables.index));
  let records = 0;
  for (const record of source.records(0, source.currentRev)) {
    target.tables.key.put(record.keyBytes, record.valueBytes);
    index.add(record);
    records++;
    onRevision(record.main);
  }
  index.flush();
  return records;
}

/** They get no deadline: what a file shows must not begin to vanish because it was imported. */
function copyLeases(source: ReadBackend, target: Backend): number {
  for (const entry of source.tables.lease.entries()) target.tables.lease.put(entry.key, entry.value);
  const book = new Leases(target.tables.lease);
  rebuildAttachments(target.tables.key, book);
  return [...book.list()].length;
}
