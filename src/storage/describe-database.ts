// Describes a database itself, not what the store in it holds.

import type { Database } from './database.js';
import type { BoltInfo } from './etcd-file.js';

export type DatabaseKind =
  /** A database of mvccw. */
  | 'mvccw'
  /** An etcd file with a digest behind it, as `etcdctl snapshot save` writes. */
  | 'etcdSnapshot'
  /** An etcd file as a server keeps it. */
  | 'etcdFile';

export interface EtcdFileInfo extends Omit<BoltInfo, 'hasTrailer' | 'lengthProblem'> {
  /** Whether a SHA-256 follows the pages, which is then right. */
  readonly digest: 'ok' | 'absent';
  /** The number of pages in the freelist; undefined if none is stored or it cannot be read. */
  readonly freePages: number | undefined;
  /** One sentence for each thing that is wrong with the file and does not keep it from being read. */
  readonly problems: readonly string[];
}

export interface DatabaseInfo {
  readonly path: string;
  readonly kind: DatabaseKind;
  /** The format of a database of mvccw. */
  readonly format: number | undefined;
  readonly sizeBytes: number;
  /** The number of registered watchers. */
  readonly watchers: number;
  readonly importedFrom: string | undefined;
  /** The version that the etcd file names, or the one it was imported from: X.Y.0. */
  readonly etcdVersion: string | undefined;
  readonly etcd: EtcdFileInfo | undefined;
}

/** Describes a database. Reads all pages in use of an etcd file. Throws CORRUPT if one is damaged. */
export function describeDatabase(database: Database): DatabaseInfo {
  const { path, backend, watchSpecs, importedFrom, origin, etcdFile, digest } = database;
  const common = {
    path,
    format: backend.format,
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
