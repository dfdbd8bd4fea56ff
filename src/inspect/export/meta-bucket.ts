// The entries of the bucket `meta` of an exported file. A member that is restored from it gets a new log, and a restore
// sets consistent_index and term to those of the new log; so here they are only what any file of etcd has.

import type { Entry, ReadTable } from '../../mvcc/backend.js';
import { MemoryTable } from '../../mvcc/memory-table.js';
import { u64 } from '../../mvcc/revision.js';
import { writeFinishedCompactRev, writeScheduledCompactRev } from '../../mvcc/store-state.js';

const MARKS = ['finishedCompactRev', 'scheduledCompactRev'];
/** The term of a cluster that has elected its first leader. */
const FIRST_TERM = 1;

/**
 * Yields the entries in order. With `compactedAt`, the marks say that a compaction at this revision is finished, which
 * also makes it the newest revision where no record is above. `meta` is that of an etcd file, all of which is taken, or
 * that of a database of mvccw, which has the marks; `newestRev` is for the latter.
 */
export function metaEntries(
  meta: ReadTable,
  { ofEtcd, newestRev, compactedAt }: { ofEtcd: boolean; newestRev: number; compactedAt: number | undefined },
): Iterable<Entry> {
  const table = new MemoryTable();
  for (const { key, value } of meta.entries()) {
    if (ofEtcd || MARKS.includes(key.toString('latin1'))) table.put(key, value);
  }
  if (!ofEtcd) {
    // Each revision takes at least one entry of the log.
    table.put(Buffer.from('consistent_index'), u64(newestRev));
    table.put(Buffer.from('term'), u64(FIRST_TERM));
  }
  if (compactedAt !== undefined) {
    writeScheduledCompactRev(table, compactedAt);
    writeFinishedCompactRev(table, compactedAt);
  }
  return table.entries();
}
