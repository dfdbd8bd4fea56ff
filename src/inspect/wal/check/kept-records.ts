// Finds what compaction had to keep, and is not there: of each key the newest record up to the compaction, if that is a
// put. What is known of a key is in columns, as there may be millions of keys.

import type { ReadTable } from '../../../mvcc/backend.js';
import { KeepSet } from '../../../mvcc/keep-set.js';
import { recordsBetween, type StoredRecord } from '../../../mvcc/record.js';

/** Returns the first record that a compacted table lacks; `log` has all records from the beginning. */
export function firstMissing(log: ReadTable, compacted: ReadTable, compactRev: number): StoredRecord | undefined {
  if (compactRev < 0) return undefined;
  const keep = new KeepSet(compactRev, 'dropped');
  for (const record of recordsBetween(log, 0, compactRev)) if (!record.isEmpty) keep.observe(record.key, record);
  for (const record of recordsBetween(log, 0, compactRev)) {
    if (record.isEmpty || record.tombstone || !keep.holds(record.key, record)) continue;
    if (compacted.get(record.keyBytes) === undefined) return record;
  }
  return undefined;
}
