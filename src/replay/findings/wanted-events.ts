// Counts, in one pass over a history, the events that each watcher should have been given.

import { IntervalTree } from '../../adt/interval-tree.js';
import type { History } from '../../mvcc/history.js';
import { intervalOf, type KeyRange } from '../../mvcc/key-range.js';
import { type EventFilter, FILTER_OF } from '../../watch/event-filter.js';
import type { EventName } from '../run/event-name.js';

export interface Wanting extends KeyRange {
  readonly filters: readonly EventFilter[];
  /** The first and the last revision that the watcher is to see. */
  readonly fromRev: number;
  readonly toRev: number;
  /** The last revision of which the watcher was given an event. */
  readonly givenRev: number;
}

export interface Wanted {
  /** The number of events that the watcher should have been given. */
  events: number;
  /** The number of events in its range that its filters leave out. */
  filtered: number;
  /** The first event after givenRev; undefined when there is none. */
  next: EventName | undefined;
}

/** Counts for each watcher; the results have the order of the watchers. */
export function countWanted(history: Pick<History, 'records'>, watchers: readonly Wanting[]): readonly Wanted[] {
  const counts = watchers.map((): Wanted => ({ events: 0, filtered: 0, next: undefined }));
  const ranges = new IntervalTree<number[]>();
  for (const [i, watcher] of watchers.entries()) ranges.getOrInsert(intervalOf(watcher), () => []).push(i);
  const first = watchers.reduce((lowest, { fromRev }) => Math.min(lowest, fromRev), Number.POSITIVE_INFINITY);
  const last = watchers.reduce((highest, { toRev }) => Math.max(highest, toRev), 0);
  if (first > last) return counts;
  for (const { key, main, tombstone } of history.records(first, last)) {
    ranges.stabPoint(key, ({ value }) => {
      for (const i of value) {
        note(watchers[i]!, counts[i]!, { key, revision: main }, FILTER_OF[tombstone ? 'DELETE' : 'PUT']);
      }
    });
  }
  return counts;
}

function note(
  { fromRev, toRev, givenRev, filters }: Wanting,
  wanted: Wanted,
  event: EventName,
  filter: EventFilter,
): void {
  if (event.revision < fromRev || event.revision > toRev) return;
  if (filters.includes(filter)) {
    wanted.filtered++;
    return;
  }
  wanted.events++;
  if (event.revision > givenRev) wanted.next ??= event;
}
