// Writes a database anew without the pages that compaction and deletes have left free, and puts the new file in the
// place of the old one.
//
//   1. take LMDB's write lock, in a transaction that changes nothing
//   2. copy every entry to data.mdb in a directory of its own within this one
//   3. make the copy durable
//   4. rename it over data.mdb, and make the new name durable
//
// All of it happens without a pause: a transaction that pauses can lose what other processes write meanwhile. So a
// process that is asked to end does it all, and leaves nothing behind. A process that is killed leaves the database as
// it was, and a directory that whoever next opens the database for writing removes. The lock file stays, so there is one
// write lock throughout: nobody commits between step 1 and the end. A process that reads or writes afterwards sees that
// another file stands at the path, and opens it (lmdb-backend.ts). A reader that has already begun keeps the old file,
// whole, until it is done.

import { chmodSync, chownSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MvccwError, type OnInterrupt } from '../errors.js';
import { type Backend, type Entry, TABLE_NAMES, type Table } from '../mvcc/backend.js';
import { DATA_FILE } from './check-lmdb-directory.js';
import { sync } from './durable-name.js';
import { interruptible } from './interruption.js';
import { ioError } from './io-error.js';
import { passingPath } from './leftovers.js';
import { LmdbBackend } from './lmdb-backend.js';
import { DAMAGED, lmdbError } from './lmdb-error.js';

/** The number of entries in one transaction of the copy, whose pages are held in memory until it is committed. */
const BATCH_ENTRIES = 50_000;

export interface DefragmentOptions {
  /** Listens for signals. One that comes before the copy has begun throws InterruptedError; a later one is too late. */
  readonly onInterrupt?: OnInterrupt | undefined;
}

export interface Defragmentation {
  readonly path: string;
  /** The size of the file, before and after. */
  readonly sizeBytesBefore: number;
  readonly sizeBytesAfter: number;
}

/** Rewrites `source`, the database in `directory`. Nobody can write to it meanwhile. Throws IO or InterruptedError. */
export async function defragment(
  source: Backend,
  directory: string,
  { onInterrupt }: DefragmentOptions = {},
): Promise<Defragmentation> {
  const dataPath = join(directory, DATA_FILE);
  const copyDirectory = passingPath(directory, '.copy-');
  const rewrite = () => {
    const { size: sizeBytesBefore } = statSync(dataPath);
    try {
      copyTables(source, directory, copyDirectory);
      const copyPath = join(copyDirectory, DATA_FILE);
      const { size: sizeBytesAfter } = statSync(copyPath);
      takeOver(dataPath, copyPath);
      sync(copyPath);
      renameSync(copyPath, dataPath);
      sync(directory);
      return { path: directory, sizeBytesBefore, sizeBytesAfter };
    } catch (error) {
      throw ioError(error, `cannot defragment ${directory}`);
    } finally {
      rmSync(copyDirectory, { recursive: true, force: true });
    }
  };
  return await interruptible(onInterrupt, async (pause) => {
    await pause();
    return source.transaction(rewrite);
  });
}

function copyTables(source: Backend, directory: string, copyDirectory: string): void {
  const copy = new LmdbBackend(copyDirectory, { durable: false, hidden: true });
  try {
    // The copy is the same database, so it keeps the marks of that, not those of a new one.
    copy.transaction(() => {
      for (const { key } of [...copy.tables.meta.entries()]) copy.tables.meta.delete(key);
    });
    for (const name of TABLE_NAMES) {
      copyTable(checkedEntries(source.tables[name], directory), copy, copy.tables[name]);
    }
  } finally {
    copy.close();
  }
}

/** The longest key that LMDB takes. */
const MAX_KEY_BYTES = 1978;

/** Gives the entries of a table. An error names the database, not its copy. */
function* checkedEntries(table: Table, directory: string): Iterator<Entry, undefined> {
  const what = `cannot read ${directory}`;
  try {
    for (const entry of table.entries()) {
      if (entry.key.length === 0 || entry.key.length > MAX_KEY_BYTES) {
        const { code, hint } = DAMAGED;
        throw new MvccwError(code, `${what}: a key has ${entry.key.length} bytes, which LMDB does not take`, { hint });
      }
      yield entry;
    }
  } catch (error) {
    throw lmdbError(error, what);
  }
  return undefined;
}

function copyTable(entries: Iterator<Entry, undefined>, copy: Backend, to: Table): void {
  let done = false;
  while (!done) {
    copy.transaction(() => {
      for (let count = 0; count < BATCH_ENTRIES; count++) {
        const next = entries.next();
        done = next.done ?? false;
        if (next.done) return;
        to.put(next.value.key, next.value.value);
      }
    });
  }
}

/** Gives the copy the permissions and the owner of the file that it replaces. */
function takeOver(dataPath: string, copyPath: string): void {
  const { mode, uid, gid } = statSync(dataPath);
  const copy = statSync(copyPath);
  if (copy.uid !== uid || copy.gid !== gid) chownSync(copyPath, uid, gid);
  chmodSync(copyPath, mode);
}
