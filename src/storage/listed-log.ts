// Opens a log for its listing, with the databases that tell what came before it, what came of it and who its members are.

import { join } from 'node:path';
import { MvccwError } from '../errors.js';
import type { KnownMembers } from '../inspect/blame/proposers.js';
import { type EntryOutcomes, entryOutcomes } from '../inspect/wal/entry-outcomes.js';
import type { LogSides } from '../inspect/wal/log-window.js';
import type { RaftLog } from '../wal/raft-log.js';
import { etcdFileAt, etcdFileIn, statOf } from './database-path.js';
import type { EtcdFile } from './etcd-file.js';
import { fileIdentity } from './file-identity.js';
import { knownMembers } from './known-members.js';
import type { Listener } from './listener.js';
import { logDirectoryIn, noLog, openLog } from './log-directory.js';
import { sidesOf } from './log-source.js';
import { openEtcdFile } from './open-backend.js';

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
  { db, wal }: LogPaths,
  body: (log: ListedLog) => Promise<T>,
  listener: Listener = {},
): Promise<T> {
  const opened: { close(): void }[] = [];
  const opening = <C extends { close(): void }>(one: C): C => {
    opened.push(one);
    return one;
  };
  try {
    const directory = logDirectoryIn(wal ?? db);
    if (directory === undefined) throw noLog(wal ?? db);
    // The log is read behind the databases, so that all entries that these have applied are in it.
    const beside = await openBeside(directory, listener);
    if (beside !== undefined) opening(beside);
    const basePath = wal === undefined ? undefined : pathOfBase(db, beside);
    const base = basePath === undefined ? undefined : opening(await openEtcdFile(basePath, listener.onProgress));
    const { raft } = opening(openLog(directory, listener));
    const outcomes = entryOutcomes(listedSides(raft, base, beside));
    return await body({ directory, raft, outcomes, members: knownMembers(beside ?? base, raft) });
  } finally {
    for (const one of opened.reverse()) one.close();
  }
}

/** A database that a log goes on from tells what the entries before have made, too, if no other one does. */
function listedSides(raft: RaftLog, named: EtcdFile | undefined, besideLog: EtcdFile | undefined): LogSides {
  const sides = named === undefined ? { base: undefined, beside: besideLog } : sidesOf(raft, named, besideLog);
  const { base, beside } = sides.beside === undefined ? { base: undefined, beside: named } : sides;
  return { raft, base, beside, isUnchanged: beside && (() => beside.bolt.isUnchanged()) };
}

/** Opens the database of the same member. One that cannot be read is done without. */
async function openBeside(directory: string, { onRemark, onProgress }: Listener): Promise<EtcdFile | undefined> {
  try {
    const path = etcdFileIn(join(directory, '..'));
    return path === undefined ? undefined : await openEtcdFile(path, onProgress);
  } catch (error) {
    if (!(error instanceof MvccwError)) throw error;
    await onRemark?.(`the database beside the log is not used: ${error.message}`);
    return undefined;
  }
}

/** Returns the path of the database from which the log goes on; undefined if it is the one beside the log. */
function pathOfBase(db: string, beside: EtcdFile | undefined): string | undefined {
  const { path } = etcdFileAt(db);
  if (statOf(path) === undefined) throw new MvccwError('IO', `there is no database at ${path}`, { hint: 'check --db' });
  return beside !== undefined && fileIdentity(beside.path) === fileIdentity(path) ? undefined : path;
}
