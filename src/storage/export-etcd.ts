// Writes a database of mvccw or an etcd file as an etcd snapshot: the file that `etcdctl snapshot restore` takes. It has
// the whole window, or the key space as of a revision. Each record is copied as it is, so revisions stay what they were.
//
//   1. with a revision: read all records up to it, and choose (key-space.ts)
//   2. write the buckets, and the metas behind them (bolt-writer.ts)
//   3. read what was written, and add its SHA-256: the metas come first in it, and are known last
//
// The other buckets of an etcd file (auth, alarms, members, the cluster's version) have no revisions, and are copied as
// they are. A restore drops the members.

import { createHash } from 'node:crypto';
import { BoltWriter } from '../bbolt/bolt-writer.js';
import type { OnInterrupt } from '../errors.js';
import { readCluster } from '../inspect/cluster.js';
import { checkRevision } from '../mvcc/window.js';
import type { Database } from './database.js';
import type { EtcdFile } from './etcd-file.js';
import { type ExportedCounts, type ExportedPart, writeBuckets } from './exported-buckets.js';
import { type Missing, refuseMissing } from './file-remark.js';
import { interruptible, type Pause } from './interruption.js';
import type { Listener } from './listener.js';
import { refuseProblem } from './log-problem.js';
import { type NewFile, withNewFile } from './new-file.js';
import { refuseOwnFile } from './own-file.js';

export interface ExportOptions extends ExportedPart, Listener {
  readonly file: string;
  /** Whether a file that is there is replaced; the default is false. */
  readonly replace?: boolean | undefined;
  /** What may be missing from an etcd file and yet it is exported. */
  readonly mayMiss?: readonly Missing[] | undefined;
  /** Listens for signals. After a signal nothing is left of the export, and InterruptedError is thrown. */
  readonly onInterrupt?: OnInterrupt | undefined;
}

export interface ExportResult extends ExportedCounts {
  /** The newest revision in the file. */
  readonly revision: number;
  /** The oldest revision that can be read in it; -1 before any compaction. */
  readonly compactRevision: number;
  /** The size of the file, and the SHA-256 at its end. */
  readonly sizeBytes: number;
  readonly sha256: string;
}

const CHUNK_BYTES = 1024 * 1024;

/**
 * Exports a database that is open. Throws COMPACTED or FUTURE_REVISION for a revision outside of the window, EXISTS for a
 * file that is there, IO, InterruptedError, and CORRUPT for a file that is damaged or from which something may be missing.
 */
export async function exportDatabase(database: Database, options: ExportOptions): Promise<ExportResult> {
  const { path, store, etcdFile, log } = database;
  const { file, rev, replace = false, mayMiss = [], onProgress, onRemark, onInterrupt } = options;
  if (rev !== undefined) checkRevision(rev, store.state);
  refuseOwnFile(database, file);
  refuseProblem(log, 'exported');
  const fill = async (target: NewFile, pause: Pause) => {
    const writer = new BoltWriter(target);
    const counts = await writeBuckets(database, options, writer, pause);
    for (const remark of etcdFile?.remarks() ?? []) refuseMissing(path, remark, mayMiss, 'exported');
    // The file must not appear before this is known.
    if (log === undefined || log.readsFile) etcdFile?.checkUnchanged();
    const pagesBytes = writer.end();
    const digest = await digestOf(target, pagesBytes, async (done) => {
      onProgress?.(`hashing ${file}`, done, pagesBytes);
      await pause();
    });
    target.write(pagesBytes, digest);
    return {
      revision: rev ?? store.currentRev,
      compactRevision: rev ?? store.compactRev,
      ...counts,
      sizeBytes: pagesBytes + digest.length,
      sha256: digest.toString('hex'),
    };
  };
  const result = await interruptible(onInterrupt, (pause) =>
    withNewFile(file, { replace }, (target) => fill(target, pause)),
  );
  if (etcdFile !== undefined && isOutOfSpace(etcdFile)) await onRemark?.(OUT_OF_SPACE);
  return result;
}

const OUT_OF_SPACE =
  'the alarm NOSPACE is in the file: a cluster that is restored from it takes no writes before `etcdctl alarm disarm`';

function isOutOfSpace(etcdFile: EtcdFile): boolean {
  return readCluster((bucket) => etcdFile.entriesOf(bucket)).alarms.some(({ alarm }) => alarm === 'NOSPACE');
}

async function digestOf(file: NewFile, totalBytes: number, onChunk: (done: number) => Promise<void>): Promise<Buffer> {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, totalBytes));
  for (let done = 0; done < totalBytes; ) {
    const part = chunk.subarray(0, Math.min(chunk.length, totalBytes - done));
    file.readInto(part, done);
    hash.update(part);
    done += part.length;
    await onChunk(done);
  }
  return hash.digest();
}
