// Opens a log for its listing, with the database that tells what came before it and who its members are.

import { MvccwError } from '../errors.js';
import type { KnownMembers } from '../inspect/blame/proposers.js';
import { type EntryOutcomes, entryOutcomes } from '../inspect/wal/entry-outcomes.js';
import type { RaftLog } from '../wal/raft-log.js';
import { etcdFileAt, etcdFileIn, statOf } from './database-path.js';
import { type EtcdFile, openEtcdFile } from './etcd-file.js';
import { knownMembers } from './known-members.js';
import type { Listener } from './listener.js';
import { openLog } from './log-directory.js';
import { openUnpacked } from './open-unpacked.js';

/** Few pages of the database are read more than once. */
const CACHE_BYTES = 8 * 1024 * 1024;

export interface LogPaths {
  /** A data directory or, if `wal` is given, a database from which the log goes on. */
  readonly db: string;
  readonly wal?: string | undefined;
}

export interface ListedLog {
  readonly directory: string;
  readonly raft: RaftLog;
  readonly outcomes: EntryOutcomes;
  readonly members: KnownMembers;
}

/** Opens a log, and closes it when `body` has ended. */
export async function withListedLog<T>(
  paths: LogPaths,
  body: (log: ListedLog) => Promise<T>,
  listener: Listener = {},
): Promise<T> {
  const log = openLog(paths.wal ?? paths.db, listener);
  let file: EtcdFile | undefined;
  try {
    file = await openDatabase(paths, listener);
    const { directory, raft } = log;
    return await body({ directory, raft, outcomes: entryOutcomes(raft, file), members: knownMembers(file, raft) });
  } finally {
    file?.close();
    log.close();
  }
}

/** Opens the database that was given, or lies beside the log. One beside that cannot be read is done without. */
async function openDatabase({ db, wal }: LogPaths, listener: Listener): Promise<EtcdFile | undefined> {
  const path = wal === undefined ? etcdFileIn(db) : etcdFileAt(db).path;
  if (path === undefined || statOf(path) === undefined) return undefined;
  try {
    return openEtcdFile(path, { file: await openUnpacked(path, listener.onProgress), cacheBytes: CACHE_BYTES });
  } catch (error) {
    if (wal !== undefined || !(error instanceof MvccwError)) throw error;
    await listener.onRemark?.(`the database beside the log is not used: ${error.message}`);
    return undefined;
  }
}
