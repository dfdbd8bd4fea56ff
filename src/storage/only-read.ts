// Tells databases of mvccw from what only an etcd server may write to.

import { MvccwError } from '../errors.js';
import { holdsEnvironment, holdsOtherFiles } from './check-lmdb-directory.js';
import { etcdFileIn, notADatabase, statOf } from './database-path.js';
import { logDirectoryIn } from './log-directory.js';

const A_FILE = 'a file';
const A_LOG = 'the log of an etcd server';
const A_DIRECTORY = "an etcd server's directory";

/** Says what it is that can only be read; undefined for a database of mvccw, and where there is nothing. */
export function onlyReadKind(path: string): string | undefined {
  const stats = statOf(path);
  if (stats === undefined) return undefined;
  if (!stats.isDirectory()) return A_FILE;
  if (holdsEnvironment(path)) return undefined;
  if (etcdFileIn(path) !== undefined) return A_DIRECTORY;
  return logDirectoryIn(path) === undefined ? undefined : A_LOG;
}

/** Throws if the path names something that is no database of mvccw: mvccw writes to nothing else. */
export function checkWritten(path: string): void {
  const what = onlyReadKind(path);
  if (what !== undefined) throw onlyRead(path, what);
  const isOther = statOf(path) !== undefined && !holdsEnvironment(path) && holdsOtherFiles(path);
  if (isOther) throw notADatabase(path);
}

/** The error for writing to what only an etcd server may write to. */
function onlyRead(path: string, what: string): MvccwError {
  return new MvccwError('USAGE', `${path} is ${what}: mvccw writes only to databases of its own`, {
    hint: `make one of it with: mvccw import ${path} --db DIR`,
  });
}
