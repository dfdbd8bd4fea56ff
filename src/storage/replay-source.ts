// Opens what a replay runs on: a database or etcd file, or the history that a scenario writes itself.

import { RecordedStore } from '../replay/recorded-store.js';
import type { Scenario } from '../replay/scenario.js';
import { openScripted, type ReplaySource } from '../replay/scripted-source.js';
import { withDatabase } from './database.js';

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
