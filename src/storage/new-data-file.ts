// Lets a data file appear in a directory with all that it holds:
//
//   1. it is made in a hidden directory of its own within that one, and written to the disk
//   2. it gets a second name, in the directory; that fails where one has appeared meanwhile
//   3. the hidden directory is removed with the first name
//
// Whenever the process is killed or the power fails, there is a whole data file or none.

import { linkSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MvccwError } from '../errors.js';
import { DATA_FILE, holdsEnvironment } from './check-lmdb-directory.js';
import { makeNamesDurable } from './durable-name.js';
import { ioError } from './io-error.js';
import { passingPath, removeLeftovers } from './leftovers.js';
import { lacksLinks } from './lock-file.js';
import { whenDone } from './when-done.js';

/** Hands `body` the path of a hidden directory, which is removed when `body` has ended. */
export function appearing<T>(directory: string, body: (beside: string) => T): T {
  removeLeftovers(directory, { locked: false });
  const beside = passingPath(directory, '.filling-');
  try {
    mkdirSync(beside, { mode: 0o700 });
  } catch (error) {
    throw ioError(error, `cannot make a database in ${directory}`);
  }
  const remove = () => rmSync(beside, { recursive: true, force: true });
  return whenDone(() => body(beside), remove);
}

/** Lets the data file in `beside` appear in `directory`. Returns false if there is one already. Throws IO. */
export function appear(beside: string, directory: string): boolean {
  try {
    linkSync(join(beside, DATA_FILE), join(directory, DATA_FILE));
  } catch (error) {
    if (holdsEnvironment(directory)) return false;
    const what = `cannot make a database in ${directory}`;
    if (!lacksLinks(error)) throw ioError(error, what);
    throw new MvccwError('IO', `${what}: its file system has no hard links`, {
      cause: error,
      hint: 'choose another place with --db',
    });
  }
  makeNamesDurable(directory);
  return true;
}
