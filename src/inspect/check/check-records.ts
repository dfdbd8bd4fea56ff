// Checks the records of the `key` table: each can be read, none is missing above the compact revision, and those of a
// key follow from one another.

import type { ReadTable } from '../../mvcc/backend.js';
import { StoredRecord } from '../../mvcc/record.js';
import { formatRevision, type Revision } from '../../mvcc/revision.js';
import { type Finding, problemIn } from './finding.js';

/** The lowest revision of a change: an empty store is at revision 1. */
const FIRST_MAIN = 2;

/** Without a compact revision that can be trusted, gaps between the records are not looked for. */
export function* checkRecords(table: ReadTable, compactRev: number | undefined): Iterable<Finding> {
  let last: Revision | undefined =
    compactRev === undefined ? undefined : { main: Math.max(compactRev, FIRST_MAIN - 1), sub: -1 };
  for (const { key, value } of table.entries()) {
    let record: StoredRecord;
    try {
      record = new StoredRecord(key, value);
    } catch (error) {
      yield { kind: 'record', table: 'key', entry: key, problem: problemIn(error) };
      continue;
    }
    if (last !== undefined && record.main > compactRev!) {
      const gap = gapBefore(record, last);
      if (gap !== undefined) yield gap;
      last = record;
    }
    yield* checkRecord(record);
  }
}

function* checkRecord(record: StoredRecord): Iterable<Finding> {
  const { main, sub } = record;
  const place = { table: 'key', revision: { main, sub } } as const;
  try {
    record.keyValue();
  } catch (error) {
    yield { kind: 'record', ...place, problem: problemIn(error) };
    return;
  }
}

/** Finds what is missing between two records above the compact revision. */
function gapBefore(record: StoredRecord, last: Revision): Finding | undefined {
  const { main, sub } = record;
  const follows = main === last.main ? sub === last.sub + 1 : main === last.main + 1 && sub === 0;
  // `etcdutl snapshot restore --bump-revision` skips revisions, and writes an empty record after them.
  if (follows || record.valueBytes.length === 0) return undefined;
  const missing = main === last.main ? { main, sub: last.sub + 1 } : { main: last.main + 1, sub: 0 };
  return {
    kind: 'history',
    table: 'key',
    revision: missing,
    problem: `revision ${formatRevision(missing)} is missing: ${formatRevision(record)} is next`,
  };
}
