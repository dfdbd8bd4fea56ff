// A scenario as a file. Apart from the rest of a replay, which mostly runs without one: the parser of YAML is large.

import { closeSync, openSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MvccwError } from '../errors.js';
import { parseScenario } from '../replay/scenario/parse-scenario.js';
import type { Scenario } from '../replay/scenario/scenario.js';
import { statOf } from './database-path.js';
import { readText } from './text-file.js';

/**
 * Reads a scenario file; the path of its database, relative to the file, becomes absolute. `database` takes the place of
 * that one. Throws IO, or USAGE, also where a scenario with commits of its own has no use for a database.
 */
export function readScenario(path: string, database?: string): Scenario {
  if (isDatabase(path)) {
    throw new MvccwError('USAGE', `${path} is a database, not a scenario`, { hint: `name it with --db ${path}` });
  }
  const scenario = parseScenario(readText(path), path, (own) =>
    database === undefined ? resolve(dirname(path), own) : resolve(database),
  );
  if (database === undefined || 'database' in scenario.history) return scenario;
  throw new MvccwError('USAGE', `${path} writes its history itself, so --db ${database} would not be read`, {
    hint: 'leave --db away, or give the scenario a history of {database: PATH}, which --db then replaces',
  });
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
