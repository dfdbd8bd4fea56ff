// Reads a scenario from a file. It is apart from the rest of a replay, which mostly runs without a scenario: the parser
// of YAML is large.

import { closeSync, constants, openSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { gunzipSync, constants as zlibConstants } from 'node:zlib';
import { MvccwError } from '../errors.js';
import { MAX_SCENARIO_BYTES } from '../replay/run/bounds.js';
import { parseScenario } from '../replay/scenario/parse-scenario.js';
import type { Scenario } from '../replay/scenario/scenario.js';
import { statOf } from './database-path.js';
import { readText } from './text-file.js';

/**
 * Reads a scenario file; `-` is stdin. The paths in it are relative to the file, and become absolute; `database` replaces
 * that of its database. Throws IO or USAGE, also if a database is given to a scenario that has commits of its own.
 */
export function readScenario(path: string, database?: string): Scenario {
  if (isDatabase(path)) {
    throw new MvccwError('USAGE', `${path} is a database, not a scenario`, { hint: `name it with --db ${path}` });
  }
  const beside = (own: string) => resolve(dirname(path), own);
  const scenario = parseScenario(readText(path, { maxBytes: MAX_SCENARIO_BYTES, what: 'a scenario' }), path, {
    database: database === undefined ? beside : () => resolve(database),
    file: beside,
  });
  if (database === undefined || 'database' in scenario.history) return scenario;
  throw new MvccwError('USAGE', `${path} writes its history itself, so --db ${database} would not be read`, {
    hint: 'leave --db away, or give the scenario a history of {database: PATH}, which --db then replaces',
  });
}

const HEAD_BYTES = 1024;

/**
 * Tells a database: a directory, or a file, packed or not, with a zero byte at its start, as etcd's have. A pipe is not
 * touched.
 */
function isDatabase(path: string): boolean {
  const stats = statOf(path);
  if (stats === undefined || !stats.isFile()) return stats?.isDirectory() === true;
  let file: number | undefined;
  try {
    // Some files of /proc keep their reader waiting.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const head = Buffer.alloc(HEAD_BYTES);
    const start = head.subarray(0, readSync(file, head));
    const isPacked = start[0] === 0x1f && start[1] === 0x8b;
    // What is cut off behind the start is no error.
    return (isPacked ? gunzipSync(start, { finishFlush: zlibConstants.Z_SYNC_FLUSH }) : start)[0] === 0;
  } catch {
    // The error appears again when the file is read.
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
