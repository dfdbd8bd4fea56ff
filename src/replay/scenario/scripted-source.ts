// The source of a replay's stores.

import { MvccwError } from '../../errors.js';
import { HeldHistory } from '../run/held-history.js';
import { RecordedStore } from '../run/recorded-store.js';
import { mayGoBack } from '../run/replay-options.js';
import type { OpenedReplay } from '../run/replay-store.js';
import { ScriptedStore, writeAll } from '../run/scripted-store.js';
import type { PlannedHistory, ReplayPlan } from './plan.js';
import type { Scenario } from './scenario.js';

export interface ReplaySource extends PlannedHistory {
  /** Opens a fresh store that stands where the plan begins. */
  open(plan: ReplayPlan): OpenedReplay;
}

/** So many records take about 5 MB. */
const MAX_HELD_RECORDS = 10_000;

/**
 * Opens the history that a scenario writes itself. It is written once, and each replay runs on a view of it, which is
 * much cheaper than a store of its own; only what a view cannot show needs a store. Throws USAGE for a scenario that
 * names a database.
 */
export function openScripted({ history }: Pick<Scenario, 'history'>): ReplaySource {
  if (!('commits' in history)) throw new MvccwError('USAGE', 'the scenario writes no history of its own');
  const { store: whole, changing } = writeAll(history.commits);
  const shared = whole.countRecords() <= MAX_HELD_RECORDS ? new HeldHistory(whole) : whole;
  return {
    state: whole.state,
    registered: [],
    open({ baseRev, toRev, options }) {
      const { behaviours } = options.release;
      if (!mayGoBack(options)) {
        return { store: new RecordedStore(shared, baseRev, toRev, behaviours), history: shared, recorded: false };
      }
      const store = new ScriptedStore(changing, baseRev, toRev, behaviours);
      return { store, history: store.history, recorded: false };
    },
  };
}
