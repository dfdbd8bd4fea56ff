// Keeps a command from writing over the database that it reads.

import { join } from 'node:path';
import { MvccwError } from '../errors.js';
import { DATA_FILE, LOCK_FILE } from './check-lmdb-directory.js';
import type { Database } from './database.js';
import { fileIdentity } from './file-identity.js';

/** Throws USAGE if a path names a file of the database, be it by another name. */
export function refuseOwnFile({ path, lmdb, log }: Database, file: string): void {
  const identity = fileIdentity(file);
  if (identity === undefined) return;
  const segments = log?.raft.segments.map(({ name }) => join(log.directory, name)) ?? [];
  const own = lmdb === undefined ? [path, ...segments] : [DATA_FILE, LOCK_FILE].map((name) => join(path, name));
  if (!own.some((one) => fileIdentity(one) === identity)) return;
  throw new MvccwError('USAGE', `${file} is the database itself`, { hint: 'name another file' });
}
