// Opens a write-ahead log with the databases that belong to it, as one backend.

import { createHash } from 'node:crypto';
import { MvccwError } from '../errors.js';
import { alignLog } from '../inspect/align/align.js';
import { readCluster } from '../inspect/cluster.js';
import { otherTermIn, restoredAt } from '../inspect/wal/log-runs.js';
import { type LogDatabase, type LogWindow, logWindow } from '../inspect/wal/log-window.js';
import { otherTerm } from '../inspect/wal/window-text.js';
import { consistentIndexOf } from '../mvcc/apply/base-state.js';
import type { ReadBackend } from '../mvcc/backend.js';
import { derivedBackend } from '../mvcc/derived-tables.js';
import { MemoryTable } from '../mvcc/memory-table.js';
import { u64 } from '../mvcc/revision.js';
import { CheckedStoreReader } from '../mvcc/store.js';
import type { RaftLog } from '../wal/raft-log.js';
import type { LogPlace } from './database-place.js';
import type { EtcdFile } from './etcd-file.js';
import type { OnProgress } from './listener.js';
import { logBackend } from './log-backend.js';
import { openLog } from './log-directory.js';
import { openEtcdFile } from './open-backend.js';

/** A log, and the revisions that it gives. */
export interface LogSource {
  /** The directory of the segments. */
  readonly directory: string;
  readonly raft: RaftLog;
  readonly window: LogWindow;
  readonly backend: ReadBackend;
  /** Whether records of the file that was given are part of them. */
  readonly readsFile: boolean;
  /** How the file is read without the log: "with --compacted". Undefined if no file was given. */
  readonly without: string | undefined;
  close(): void;
}

/** Opens a log. `file` is the database beside it, or the one that it goes on from. Throws IO, FORMAT, GAP, USAGE. */
export async function openLogSource(
  { directory, beside: besidePath, goesOn, isNamed }: LogPlace,
  file: EtcdFile | undefined,
  onProgress: OnProgress,
): Promise<LogSource> {
  // The log is read behind the database, so that all entries that the database has applied are in it.
  const opened = besidePath === undefined ? undefined : await openEtcdFile(besidePath);
  const log = openLog(directory, { onProgress });
  const close = () => {
    opened?.close();
    log.close();
  };
  try {
    const { raft } = log;
    const { base, beside } =
      goesOn && file !== undefined ? sidesOf(raft, file, opened) : { base: undefined, beside: goesOn ? opened : file };
    const window = logWindow({
      raft,
      base,
      beside,
      isUnchanged: beside && (() => beside.bolt.isUnchanged()),
      onIndex: (index) => onProgress(`applying ${directory}`, index, raft.lastIndex),
    });
    const backend = logBackend(window, log, file, onProgress);
    const without = file && (isNamed ? 'without --wal' : 'with --compacted');
    return { directory, raft, window, backend, readsFile: base !== undefined || window.usesBeside, without, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** What databases are to a log: the one that it goes on from, and the one that has applied the same entries. */
interface Sides {
  readonly base: LogDatabase | undefined;
  readonly beside: EtcdFile | undefined;
}

/**
 * Returns what a database is to a log that is named with it. `beside` is the one that lies beside the log. Where none does,
 * as with a directory of its own for the log, the one that is named is that if it can be: nothing has to be taken from it
 * then. Throws USAGE if it is of another cluster, and GAP if that is not known.
 */
export function sidesOf(raft: RaftLog, file: EtcdFile, beside: EtcdFile | undefined): Sides {
  if (beside === undefined && isBeside(raft, file)) return { base: undefined, beside: file };
  return { base: baseFor(raft, file, beside), beside };
}

function isBeside(raft: RaftLog, file: EtcdFile): boolean {
  if (raft.firstIndex !== 1) return false;
  if (restoredAt(raft) === undefined) {
    checkCluster(raft, file, undefined);
    return true;
  }
  const lastIndex = consistentIndexOf(file);
  if (raft.entry(lastIndex) === undefined) return false;
  const store = new CheckedStoreReader(file);
  const { contradiction, originsOf } = alignLog({ store, base: file, log: raft, lastIndex });
  return contradiction === undefined && originsOf(store.currentRev).length === 1;
}

/** Returns the database that a log goes on from. Throws USAGE if it is of another cluster, and GAP if that is not known. */
export function baseFor(raft: RaftLog, file: EtcdFile, beside: EtcdFile | undefined): LogDatabase {
  const restored = restoredAt(raft);
  if (restored === undefined) {
    checkCluster(raft, file, beside);
    return file;
  }
  if (beside === undefined) throw unknownBase(file, restored);
  // It may also have been taken later, of the cluster that was restored.
  const isLater = raft.entry(consistentIndexOf(file)) !== undefined;
  let problem: string | undefined;
  for (const base of [restoredBase(file, restored), ...(isLater ? [file] : [])]) {
    const window = logWindow({ raft, beside, base });
    if (window.problem === undefined || raft.damage !== undefined) return base;
    problem ??= window.problem;
  }
  throw new MvccwError('USAGE', `${file.path} is not what was restored there: ${problem}`, {
    hint: 'name the snapshot with which the log begins, or a later one of the same cluster',
  });
}

/** Throws USAGE if a database is of another cluster than the log. */
function checkCluster(raft: RaftLog, file: EtcdFile, beside: EtcdFile | undefined): void {
  const { members, removedMembers } = clusterOf(file);
  const ids = [...members.map(({ id }) => id), ...removedMembers];
  const nodeId = raft.metadata?.nodeId.toString(16);
  const isOwn = nodeId === undefined || ids.includes(nodeId);
  if (
    !isOwn &&
    isForeign(
      members.map(({ id }) => id),
      ids,
      raft,
      beside,
    )
  ) {
    throw new MvccwError('USAGE', `${file.path} is of another cluster than the log: none of its members is ${nodeId}`, {
      hint: 'name a snapshot of the cluster that the log is of',
    });
  }
  checkTerm(raft, file);
}

function clusterOf(file: EtcdFile) {
  return readCluster((bucket) => file.entriesOf(bucket));
}

/** Whether a database is of another cluster, as far as it can be known: one without members is of any. */
function isForeign(
  members: readonly string[],
  ids: readonly string[],
  { metadata }: RaftLog,
  beside: EtcdFile | undefined,
): boolean {
  if (ids.length === 0 || clusterIdOf(members) === metadata?.clusterId) return false;
  const known = beside === undefined ? [] : clusterOf(beside).members.map(({ id }) => id);
  return !known.some((id) => ids.includes(id));
}

/** Returns the id of the cluster that these members have founded, as etcd makes it. */
function clusterIdOf(members: readonly string[]): bigint {
  const ids = members.map((id) => BigInt(`0x${id}`)).sort((a, b) => (a < b ? -1 : 1));
  const hash = createHash('sha1');
  for (const id of ids) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(id);
    hash.update(bytes);
  }
  return hash.digest().readBigUInt64BE(0);
}

function unknownBase({ path }: EtcdFile, restored: number): MvccwError {
  return new MvccwError(
    'GAP',
    `the log goes on from a snapshot that was restored, at entry ${restored}: that it is ${path} cannot be told`,
    { hint: "name the server's data directory with --wal, so that its database tells" },
  );
}

/** Returns a snapshot as what a restore makes of it: its last entry is then the one with which the new log begins. */
function restoredBase(file: EtcdFile, index: number): LogDatabase {
  const meta = new MemoryTable();
  for (const { key, value } of file.entriesOf('meta')) meta.put(key, value);
  meta.put(Buffer.from('consistent_index'), u64(index));
  const { key, lease } = file.tables;
  return {
    path: file.path,
    tables: derivedBackend({ key, meta, lease }, file.sizeBytes()).tables,
    sizeBytes: () => file.sizeBytes(),
    entriesOf: (bucket) => file.entriesOf(bucket),
    close: () => undefined,
  };
}

/** Throws USAGE if the log has another entry where the database ends. */
function checkTerm(raft: RaftLog, file: EtcdFile): void {
  const other = otherTermIn(raft, file);
  if (other === undefined) return;
  throw new MvccwError('USAGE', `${otherTerm(file.path, other)}: they are not of one cluster`, {
    hint: 'name a snapshot of the cluster that the log is of',
  });
}
