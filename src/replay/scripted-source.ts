// Where a replay gets its store from.

import { MvccwError } from '../errors.js';
import type { StoreState } from '../mvcc/store-state.js';
import type { WatchSpec } from '../watch/watch-spec.js';
import type { OpenedReplay } from './checked-replay.js';
import type { ReplayPlan } from './plan.js';
import type { Scenario } from './scenario.js';
import { ScriptedStore } from './scripted-store.js';

export interface ReplaySource {
  /** Where the whole history ends. */
  readonly state: StoreState;
  /** The watchers that are registered beside the history. */
  readonly registered: readonly WatchSpec[];
  /** A fresh store that stands where the plan begins. */
  open(plan: ReplayPlan): OpenedReplay;
}

/** The history that a scenario writes itself. Throws USAGE for a scenario that names a database. */
export function openScripted({ history }: Scenario): ReplaySource {
  if (!('commits' in history)) throw new MvccwError('USAGE', 'the scenario writes no history of its own');
  const { commits } = history;
  const { state } = new ScriptedStore(commits).history;
  return {
    state,
    registered: [],
    open({ baseRev, toRev, options }) {
      const store = new ScriptedStore(commits, { baseRev, toRev, behaviours: options.release.behaviours });
      return { store, history: store.history, recorded: false };
    },
  };
}
