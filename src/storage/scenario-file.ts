// A scenario as a file. Apart from the rest of a replay, which mostly runs without one: the parser of YAML is large.

import { dirname, resolve } from 'node:path';
import { parseScenario } from '../replay/parse-scenario.js';
import type { Scenario } from '../replay/scenario.js';
import { readText } from './text-file.js';

/** Reads a scenario file; the path of its database, relative to the file, becomes absolute. Throws IO or USAGE. */
export function readScenario(path: string): Scenario {
  return parseScenario(readText(path), path, (database) => resolve(dirname(path), database));
}
