// What a database is, apart from what the store in it holds.

import type { Database } from './database.js';
import type { BoltInfo } from './etcd-file.js';

export type DatabaseKind =
  /** A database of mvccw. */
  | 'mvccw'
  /** An etcd file with a digest behind it, as `etcdctl snapshot save` writes it. */
  | 'etcdSnapshot'
  /** An etcd file as a server has it. */
  | 'etcdFile';

export interface EtcdFileInfo extends Omit<BoltInfo, 'hasTrailer' | 'lengthProblem'> {
  /** Of the SHA-256 behind a snapshot. */
  readonly digest: 'ok' | 'absent';
  /** Where a freelist is stored, how many pages it has; they are held against the pages in use. */
  readonly freePages: number | undefined;
  /** All that is wrong with the file, a sentence each, where reading does not depend on it. */
  readonly problems: readonly string[];
}

export interface DatabaseInfo {
  readonly path: string;
  readonly kind: DatabaseKind;
  readonly sizeBytes: number;
  /** How many are registered. */
  readonly watchers: number;
  readonly importedFrom: string | undefined;
  /** The version that the etcd file names, or the one it was imported from: X.Y.0. */
  readonly etcdVersion: string | undefined;
  readonly etcd: EtcdFileInfo | undefined;
}

/** Reads all pages in use of an etcd file. Throws CORRUPT when one is damaged. */
export function describeDatabase(database: Database): DatabaseInfo {
  const { path, backend, watchSpecs, importedFrom, origin, etcdFile, digest } = database;
  const common = {
    path,
    sizeBytes: backend.sizeBytes(),
    watchers: watchSpecs.length,
    importedFrom,
    etcdVersion: origin?.version,
  };
  if (etcdFile === undefined || digest === undefined) return { ...common, kind: 'mvccw', etcd: undefined };
  const { hasTrailer, lengthProblem, ...bolt } = etcdFile.boltInfo();
  const { pagesByType, freelistChecked, problems } = etcdFile.survey();
  return {
    ...common,
    kind: hasTrailer ? 'etcdSnapshot' : 'etcdFile',
    etcd: {
      ...bolt,
      digest,
      freePages: freelistChecked ? pagesByType.free : undefined,
      problems: [...bolt.metaProblems, ...(lengthProblem === undefined ? [] : [lengthProblem]), ...problems],
    },
  };
}
