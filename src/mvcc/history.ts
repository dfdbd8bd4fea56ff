// The part of a store that reads its past. The store itself, a view of it, and records in memory all have it.

import type { RangeRequest, RangeResult } from './range.js';
import type { StoredRecord } from './record.js';

export interface History {
  readonly currentRev: number;
  /** The compact revision: records below it may be missing. */
  readonly compactRev: number;
  /** Yields the changes with main revision in [fromMain, toMain], in order. */
  records(fromMain: number, toMain: number): Iterable<StoredRecord>;
  /** Reads a range. Throws COMPACTED or FUTURE_REVISION if the revision is outside the window. */
  range(request: RangeRequest): RangeResult;
}
