// Opens a database of mvccw, or an etcd file. Only the code for the one that is there is loaded: lmdb alone takes longer
// than most commands.

import type { ReadBackend } from '../mvcc/backend.js';
import { buildAttachments, buildIndex } from '../mvcc/derived-tables.js';
import type { EtcdFile, EtcdFileOptions } from './etcd-file.js';
import type { OnProgress } from './listener.js';
import type { LmdbBackend, LmdbOptions } from './lmdb-backend.js';
import { MeteredTable } from './metered-table.js';
import { openUnpacked } from './open-unpacked.js';

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
