// Checks the two ends of a history, by which its window is known, at the cost of a few records. Commands that need only
// the window read no others; the rest of the history is checked as it is read.

import type { ReadTable } from './backend.js';
import { StoredRecord } from './record.js';
import { recordsInSequence } from './record-sequence.js';
import type { StoreState } from './store-state.js';

/** Throws CORRUPT unless the first record above the compaction, and the newest two, are where they have to be. */
export function checkEdges(key: ReadTable, { compactRev, currentRev }: StoreState): void {
  for (const first of recordsInSequence(key, compactRev + 1, currentRev, compactRev)) {
    check(first);
    break;
  }
  const newest = key.last();
  if (newest === undefined) return;
  check(new StoredRecord(newest.key, newest.value));
  const entry = key.last({ lt: newest.key });
  const before = entry === undefined ? undefined : new StoredRecord(entry.key, entry.value);
  if (before === undefined || before.isEmpty || before.main <= compactRev) return;
  for (const record of recordsInSequence(key, before.main, currentRev, compactRev)) check(record);
}

/** Reads a record, which checks it. */
function check(record: StoredRecord): void {
  void record.key;
}
