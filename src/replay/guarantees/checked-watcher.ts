// The checks know a watcher by these fields.

import type { KeyRange } from '../../mvcc/key-range.js';
import type { EventFilter } from '../../watch/event-filter.js';

export interface CheckedRange extends KeyRange {
  readonly filters: readonly EventFilter[];
}

export interface CheckedWatcher extends CheckedRange {
  readonly name: string;
  /** The name of its stream; undefined for a stream of its own, with the watcher's name. */
  readonly stream?: string | undefined;
  /** Whether events come with the record before. */
  readonly prevKv: boolean;
  /** The first revision that it is to see: its start revision, or one above where the store stood at its start. */
  readonly fromRev: number;
}
