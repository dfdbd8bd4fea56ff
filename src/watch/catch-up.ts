// This file collects the batches of a sync pass from the history, as etcd's rangeEvents and newWatcherBatch do.
//
// Differs from etcd in cost, not in result: etcd reads everything from the lowest minRev to the current revision in
// every pass. Here a watcher whose batch is full wants nothing more. When no watcher wants the next revision, reading
// goes on at the lowest minRev that is still ahead, or stops:
//
//   revisions   2 . . . . . . . . . . . . . . . . . . . . 100,000
//   watcher a   [batch]
//   watcher b                  [ batch ]
//   read        ███████        █████████

import { eventOf, type WatchEvent } from '../mvcc/record.js';
import { batchOf, type EventBatch } from './event-batch.js';
import type { WatchableHistory } from './watchable-history.js';
import type { Watcher } from './watcher.js';
import type { WatcherGroup } from './watcher-group.js';

/**
 * Returns the events from each member's minRev on, as far as they fit. The map has no entry for a member that no event
 * reaches. A member below the compact revision gets nothing; with `compactedToo` it gets what is read for the others.
 * `onEvent` is called once for each event that some batch takes.
 */
export function batchesFromHistory(
  group: WatcherGroup,
  history: WatchableHistory,
  watchBatchMaxRevs: number,
  compactedToo: boolean,
  onEvent?: (event: WatchEvent) => void,
): Map<Watcher, EventBatch> {
  const { currentRev, compactRev } = history;
  const batches = new Map<Watcher, EventBatch>();
  const readable = group.watchers().filter(({ minRev }) => minRev >= compactRev);
  const ahead = readable
    .map(({ minRev }) => minRev)
    .filter((minRev) => minRev <= currentRev)
    .sort((a, b) => b - a);
  if (compactedToo && ahead.length > 0) {
    const lowest = ahead[ahead.length - 1]!;
    for (let others = group.size - readable.length; others > 0; others--) ahead.push(lowest);
  }
  /** How many watchers want the revision that is being read. */
  let hungry = 0;

  let exhausted = false;
  while (ahead.length > 0 && !exhausted) {
    exhausted = true;
    for (const record of history.records(ahead[ahead.length - 1]!, currentRev)) {
      while (ahead.length > 0 && ahead[ahead.length - 1]! <= record.main) {
        ahead.pop();
        hungry++;
      }
      if (hungry === 0) {
        exhausted = false;
        break;
      }
      let event: WatchEvent | undefined;
      let taken = false;
      group.stab(record.key, (watcher) => {
        if (record.main < watcher.minRev || (watcher.minRev < compactRev && !compactedToo)) return;
        const batch = batchOf(batches, watcher, watchBatchMaxRevs);
        if (batch.full) return;
        event ??= eventOf(record);
        batch.add(event);
        if (batch.full) hungry--;
        else taken = true;
      });
      if (taken) onEvent?.(event!);
    }
  }
  return batches;
}
