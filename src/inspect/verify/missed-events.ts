// Counts the events that lie between two watches, for which no watch was there.

import type { History } from '../../mvcc/history.js';
import { holdsKey } from '../../mvcc/key-range.js';
import type { CheckedRange } from '../../replay/guarantees/checked-watcher.js';
import type { Account } from '../../replay/guarantees/guarantees.js';
import { Ledger } from '../../replay/guarantees/ledger.js';
import type { EventName } from '../../replay/run/event-name.js';

export interface Gap {
  readonly fromRev: number;
  readonly toRev: number;
  /** The events of the watched range that the store has of these revisions. */
  readonly missed: Account;
}

/** Returns what the store has between two revisions, both included. It reads only these revisions. */
export function missedBetween(history: History, range: CheckedRange, fromRev: number, toRev: number): Gap {
  const ledger = new Ledger();
  const leavesOut = (deletes: boolean) => range.filters.includes(deletes ? 'nodelete' : 'noput');
  for (const { key, main, tombstone } of history.records(Math.max(fromRev, history.compactRev), toRev)) {
    if (!holdsKey(range, key) || leavesOut(tombstone)) continue;
    const name: EventName = { key, revision: main };
    ledger.lose(1, [name]);
  }
  return { fromRev, toRev, missed: ledger.lost };
}
