// The source of a replay's stores.

import { MvccwError } from '../../errors.js';
import { MAX_GOING_BACK_RECORDS } from '../run/bounds.js';
import { HeldHistory } from '../run/held-history.js';
import { RecordedStore } from '../run/recorded-store.js';
import { mayGoBack } from '../run/replay-options.js';
import type { OpenedReplay } from '../run/replay-store.js';
import { ScriptedStore } from '../run/scripted-store.js';
import { WrittenHistory } from '../run/written-history.js';
import type { PlannedHistory, ReplayPlan } from './plan.js';
import type { Scenario } from './scenario.js';

export interface ReplaySource extends PlannedHistory {
  /** Returns what is known so far of what may be missing from a file; a history that a scenario writes has all. */
  readonly remarks?: (() => readonly string[]) | undefined;
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
  const whole = new WrittenHistory(history.commits);
  const shared = whole.countRecords() <= MAX_HELD_RECORDS ? new HeldHistory(whole) : whole;
  return {
    state: whole.state,
    registered: [],
    open({ baseRev, toRev, options }) {
      const { behaviours } = options.release;
      if (!mayGoBack(options)) {
        return { store: new RecordedStore(shared, baseRev, toRev, behaviours), history: shared, recorded: false };
      }
      checkStoreSize(whole.countRecords());
      const store = new ScriptedStore(whole.changing, baseRev, toRev, behaviours);
      return { store, history: store.history, recorded: false };
    },
  };
}

/** Throws USAGE for more records than the two stores of such a replay can hold. */
function checkStoreSize(records: number): void {
  if (records <= MAX_GOING_BACK_RECORDS) return;
  throw new MvccwError('USAGE', `the history has ${records} records, and a restart that is cut short`, {
    hint: `with such a restart, at most ${MAX_GOING_BACK_RECORDS}: all are held in memory, with their index`,
  });
}
