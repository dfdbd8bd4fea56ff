// Describes a database itself, not what the store in it holds.

import type { BucketSurvey } from '../bbolt/survey.js';
import { type ClusterInfo, readCluster } from '../inspect/cluster.js';
import type { Database } from './database.js';
import type { BoltInfo } from './etcd-file.js';

export type DatabaseKind =
  /** A database of mvccw. */
  | 'mvccw'
  /** An etcd file with a digest behind it, as `etcdctl snapshot save` writes. */
  | 'etcdSnapshot'
  /** An etcd file as a server keeps it. */
  | 'etcdFile';

/** A bucket of an etcd file. */
export interface BucketInfo {
  readonly name: string;
  readonly keys: number;
  /** The bytes of its keys and values. */
  readonly dataBytes: number;
  /** The bytes of its pages; 0 for a bucket that is within the page that names it. */
  readonly pageBytes: number;
}

export interface EtcdFileInfo extends Omit<BoltInfo, 'hasTrailer' | 'lengthProblem'>, ClusterInfo {
  /** The size of the packed file; undefined if it is not packed. */
  readonly packedBytes: number | undefined;
  readonly buckets: readonly BucketInfo[];
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
  const { pagesByType, freelistChecked, problems, buckets } = etcdFile.survey();
  const cluster = readCluster((bucket) => etcdFile.entriesOf(bucket));
  return {
    ...common,
    kind: hasTrailer ? 'etcdSnapshot' : 'etcdFile',
    etcd: {
      ...bolt,
      digest,
      packedBytes: etcdFile.packedBytes(),
      ...cluster,
      buckets: buckets.map((bucket) => bucketInfo(bucket, bolt.pageSize)),
      freePages: freelistChecked ? pagesByType.free : undefined,
      problems: [
        ...bolt.metaProblems,
        ...(lengthProblem === undefined ? [] : [lengthProblem]),
        ...problems,
        ...etcdFile.readingRemarks().map(({ text }) => text),
        ...etcdFile.nameProblems(),
        ...cluster.problems,
      ],
    },
  };
}

function bucketInfo(bucket: BucketSurvey, pageSize: number): BucketInfo {
  const pages = bucket.branchPages + bucket.branchOverflowPages + bucket.leafPages + bucket.leafOverflowPages;
  return {
    name: bucket.name.toString('latin1'),
    keys: bucket.keys,
    dataBytes: bucket.keyBytes + bucket.valueBytes,
    pageBytes: bucket.inline ? 0 : pages * pageSize,
  };
}
