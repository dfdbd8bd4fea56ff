// Opens what a replay runs on: a database or etcd file, or the history that a scenario writes itself.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { StoreState } from '../mvcc/store-state.js';
import type { OpenedReplay } from '../replay/checked-replay.js';
import type { ReplayPlan } from '../replay/plan.js';
import { RecordedStore } from '../replay/recorded-store.js';
import { parseScenario, type Scenario } from '../replay/scenario.js';
import { ScriptedStore } from '../replay/scripted-store.js';
import type { WatchSpec } from '../watch/watch-spec.js';
import { withDatabase } from './database.js';
import { ioError } from './io-error.js';

export interface ReplaySource {
  /** Where the whole history ends. */
  readonly state: StoreState;
  readonly registered: readonly WatchSpec[];
  /** A fresh store that stands where the plan begins. */
  open(plan: ReplayPlan): OpenedReplay;
}

/** Reads a text file. Throws IO. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw ioError(error, `cannot read ${path}`);
  }
}

/** Reads a scenario file; the path of its database becomes relative to the working directory. Throws IO or USAGE. */
export function readScenario(path: string): Scenario {
  const scenario = parseScenario(readText(path), path);
  if ('commits' in scenario.history) return scenario;
  return { ...scenario, history: { database: resolve(dirname(path), scenario.history.database) } };
}

/** A source that needs no file. */
export function scriptedSource(commits: Extract<Scenario['history'], { commits: unknown }>['commits']): ReplaySource {
  const { state } = new ScriptedStore(commits).history;
  return {
    state,
    registered: [],
    open({ baseRev, toRev, options }) {
      const store = new ScriptedStore(commits, { baseRev, toRev, behaviours: options.release.behaviours });
      return { store, history: store.history, historyGrows: true };
    },
  };
}

/** Opens the scenario's history, or without a scenario the database at `db`, for `body`, and closes it. */
export async function withReplaySource<T>(
  scenario: Scenario | undefined,
  db: string,
  body: (source: ReplaySource) => Promise<T>,
): Promise<T> {
  const history = scenario?.history ?? { database: db };
  if ('commits' in history) return body(scriptedSource(history.commits));
  return withDatabase(history.database, ({ store, watchSpecs }) =>
    body({
      state: store.state,
      registered: watchSpecs,
      open: ({ baseRev, toRev, options }) => ({
        store: new RecordedStore(store, baseRev, toRev, options.release.behaviours),
        history: store,
        historyGrows: false,
      }),
    }),
  );
}
