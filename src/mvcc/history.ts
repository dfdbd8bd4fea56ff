// What can be read of the past of a store: the store itself, a view of it, or its records in memory.

import type { RangeRequest, RangeResult } from './range.js';
import type { StoredRecord } from './record.js';

export interface History {
  readonly currentRev: number;
  /** Records below it may be missing. */
  readonly compactRev: number;
  /** The changes with main revision in [fromMain, toMain], in order. */
  records(fromMain: number, toMain: number): Iterable<StoredRecord>;
  /** Throws COMPACTED or FUTURE_REVISION when the revision asked for lies outside the window. */
  range(request: RangeRequest): RangeResult;
}
