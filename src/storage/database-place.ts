// What --db and --wal name together: a database of mvccw, an etcd file, a write-ahead log, or both of a server.

import { join } from 'node:path';
import { MvccwError } from '../errors.js';
import { holdsEnvironment } from './check-lmdb-directory.js';
import { etcdFileAt, etcdFileIn, noDatabase, notADatabase, statOf } from './database-path.js';
import { fileIdentity } from './file-identity.js';
import type { OnRemark } from './listener.js';
import { logDirectoryIn, noLog } from './log-directory.js';

export interface PlaceOptions {
  /** The log that goes on from the database. */
  readonly wal?: string | undefined;
  /** Whether the log of a server's directory is left out. */
  readonly compacted?: boolean | undefined;
}

export interface LogPlace {
  /** The directory of the segments. */
  readonly directory: string;
  /** Another database of the same member; undefined if there is none. */
  readonly beside: string | undefined;
  /** Whether the database may be an older one, which the log goes on from. */
  readonly goesOn: boolean;
  /** Whether it was named by itself, with --wal. */
  readonly isNamed: boolean;
}

export type DatabasePlace =
  | { readonly kind: 'mvccw'; readonly path: string }
  | { readonly kind: 'etcd'; readonly path: string; readonly log: LogPlace | undefined }
  /** A log without a database. */
  | { readonly kind: 'log'; readonly path: string; readonly log: LogPlace };

/** Returns what to open. Throws IO, FORMAT or USAGE. */
export async function placeOf(given: string, options: PlaceOptions, onRemark: OnRemark): Promise<DatabasePlace> {
  const { wal, compacted = false } = options;
  if (wal !== undefined && compacted)
    throw usage('`--wal` and `--compacted` cannot be set at the same time, choose one');
  const stats = statOf(given);
  if (stats === undefined) throw noDatabase(given);
  if (!stats.isDirectory())
    return { kind: 'etcd', path: given, log: wal === undefined ? undefined : behind(given, wal) };
  if (holdsEnvironment(given)) {
    if (wal === undefined) return { kind: 'mvccw', path: given };
    throw usage(`${given} is a database of mvccw, and no log of an etcd server goes on from it`);
  }
  const { path, remark } = etcdFileAt(given);
  if (remark !== undefined) {
    const log = wal === undefined ? logOf(given, compacted) : behind(path, wal);
    await onRemark(remark + logRemark(log, compacted));
    return { kind: 'etcd', path, log };
  }
  const directory = logDirectoryIn(given);
  if (directory === undefined) throw notADatabase(given);
  if (wal !== undefined) throw usage(`${given} is a log itself: --wal has no place beside it`);
  if (compacted) throw usage(`${given} holds a log and no database, and only a database is read here`);
  return { kind: 'log', path: directory, log: { directory, beside: undefined, goesOn: false, isNamed: false } };
}

/** Says whether the log of a server's directory is read too. */
function logRemark(log: LogPlace | undefined, compacted: boolean): string {
  if (log !== undefined) return `, and the log in ${log.directory}`;
  return compacted ? '' : '; no log lies in it: --wal names one that lies elsewhere';
}

/** The log of a server's own directory. */
function logOf(given: string, compacted: boolean): LogPlace | undefined {
  const directory = compacted ? undefined : logDirectoryIn(given);
  return directory === undefined ? undefined : { directory, beside: undefined, goesOn: false, isNamed: false };
}

/** The log that goes on from an etcd file. */
function behind(path: string, wal: string): LogPlace {
  const directory = logDirectoryIn(wal);
  if (directory === undefined) throw noLog(wal);
  const beside = etcdFileIn(join(directory, '..'));
  const isSame = beside !== undefined && fileIdentity(beside) === fileIdentity(path);
  return { directory, beside: isSame ? undefined : beside, goesOn: !isSame, isNamed: true };
}

function usage(message: string): MvccwError {
  return new MvccwError('USAGE', message);
}
