// Opens what a replay runs on: a database or etcd file, or the history that a scenario writes itself.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseScenario } from '../replay/parse-scenario.js';
import { RecordedStore } from '../replay/recorded-store.js';
import type { Scenario } from '../replay/scenario.js';
import { openScripted, type ReplaySource } from '../replay/scripted-source.js';
import { withDatabase } from './database.js';
import { ioError } from './io-error.js';

/** Reads a text file. Throws IO. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw ioError(error, `cannot read ${path}`);
  }
}

/** Reads a scenario file; the path of its database, relative to the file, becomes absolute. Throws IO or USAGE. */
export function readScenario(path: string): Scenario {
  return parseScenario(readText(path), path, (database) => resolve(dirname(path), database));
}

/** Opens the scenario's history, or without a scenario the database at `db`, for `body`, and closes it. */
export async function withReplaySource<T>(
  scenario: Scenario | undefined,
  db: string,
  body: (source: ReplaySource) => Promise<T>,
): Promise<T> {
  if (scenario !== undefined && 'commits' in scenario.history) return body(openScripted(scenario));
  const path = scenario !== undefined && 'database' in scenario.history ? scenario.history.database : db;
  return withDatabase(path, ({ store, watchSpecs }) =>
    body({
      state: store.state,
      registered: watchSpecs,
      open: ({ baseRev, toRev, options }) => ({
        store: new RecordedStore(store, baseRev, toRev, options.release.behaviours),
        history: store,
        recorded: true,
      }),
    }),
  );
}
