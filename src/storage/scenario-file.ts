// A scenario as a file. Apart from the rest of a replay, which mostly runs without one: the parser of YAML is large.

import { closeSync, openSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MvccwError } from '../errors.js';
import { parseScenario } from '../replay/parse-scenario.js';
import type { Scenario } from '../replay/scenario.js';
import { statOf } from './database-path.js';
import { readText } from './text-file.js';

/** Reads a scenario file; the path of its database, relative to the file, becomes absolute. Throws IO or USAGE. */
export function readScenario(path: string): Scenario {
  if (isDatabase(path)) {
    throw new MvccwError('USAGE', `${path} is a database, not a scenario`, { hint: `name it with --db ${path}` });
  }
  return parseScenario(readText(path), path, (database) => resolve(dirname(path), database));
}

/** A directory, or a file that begins with a zero byte, as etcd's do and no text does. A pipe is not touched. */
function isDatabase(path: string): boolean {
  const stats = statOf(path);
  if (stats === undefined || !stats.isFile()) return stats?.isDirectory() === true;
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // Reading it says why.
    return false;
  }
  try {
    const first = Buffer.alloc(1);
    return readSync(file, first) === 1 && first[0] === 0;
  } finally {
    closeSync(file);
  }
}
