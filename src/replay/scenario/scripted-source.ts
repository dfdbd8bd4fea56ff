// The source of a replay's stores.

import { MvccwError } from '../../errors.js';
import type { History } from '../../mvcc/history.js';
import { MAX_GOING_BACK_RECORDS } from '../run/bounds.js';
import { HeldHistory } from '../run/held-history.js';
import { RecordedStore } from '../run/recorded-store.js';
import { storeInMemory } from '../run/recorded-transactions.js';
import { countBackups, mayGoBack } from '../run/replay-options.js';
import type { OpenedReplay } from '../run/replay-store.js';
import { ScriptedStore } from '../run/scripted-store.js';
import { WrittenHistory } from '../run/written-history.js';
import type { PlannedHistory, ReplayPlan } from './plan.js';
import type { Scenario } from './scenario.js';

export interface ReplaySource extends PlannedHistory {
  /** Returns what is known so far of what may be missing from a file; a history that a scenario writes has all. */
  readonly remarks?: (() => readonly string[]) | undefined;
  /** The whole history. */
  readonly history: History;
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
    history: shared,
    open({ baseRev, toRev, options }) {
      const { behaviours } = options.release;
      if (!mayGoBack(options)) {
        return { store: new RecordedStore(shared, baseRev, toRev, behaviours), history: shared, recorded: false };
      }
      checkStoreSize(whole.countRecords(), options);
      const store = new ScriptedStore(whole.changing, baseRev, toRev, behaviours);
      return { store, history: store.history, past: store.past, recorded: false };
    },
  };
}

/**
 * Opens a recorded history. A replay runs on a view of it, but for one that restores a backup: that runs on a store in
 * memory.
 */
export function openRecorded(history: History, { baseRev, toRev, options }: ReplayPlan): OpenedReplay {
  const { behaviours } = options.release;
  if (countBackups(options) === 0) {
    return { store: new RecordedStore(history, baseRev, toRev, behaviours), history, recorded: true };
  }
  checkStoreSize(countUpTo(history, toRev), options);
  const store = storeInMemory(history, baseRev, toRev, behaviours);
  return { store, history: store.history, past: store.past, recorded: true };
}

function countUpTo(history: History, toRev: number): number {
  let count = 0;
  for (const _ of history.records(0, toRev)) count++;
  return count;
}

/** Throws USAGE for more records than the stores of such a replay can hold. */
function checkStoreSize(records: number, options: ReplayPlan['options']): void {
  const backups = countBackups(options);
  const most = Math.floor(MAX_GOING_BACK_RECORDS / (backups + 1));
  if (records <= most) return;
  const what = backups > 0 ? 'a restore from a backup' : 'a restart that is cut short';
  throw new MvccwError('USAGE', `the history has ${records} records, and ${what}`, {
    hint: `with such a ${backups > 0 ? 'restore' : 'restart'}, at most ${most}: all are held in memory, with their index`,
  });
}
