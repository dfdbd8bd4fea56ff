// Checks what a store holds, table by table. Each check goes on behind what it finds, and the records are read once.

import type { ReadBackend } from '../../mvcc/backend.js';
import { CompactionVisitor } from './check-compaction.js';
import { IndexVisitor } from './check-index.js';
import { LeaseVisitor } from './check-leases.js';
import { type CheckedMarks, checkMarks } from './check-marks.js';
import { ObjectVisitor } from './check-objects.js';
import { HistoryVisitor, SequenceVisitor } from './check-records.js';
import { checkWatchSpecs } from './check-watchers.js';
import type { Finding } from './finding.js';
import { RecordPass, type RecordVisitor } from './record-pass.js';

interface CheckStoreOptions {
  /** Whether the index can be read; the default is true. */
  readonly withIndex?: boolean;
}

/** Checks the tables of a database of mvccw. */
export function* checkStore(backend: ReadBackend, { withIndex = true }: CheckStoreOptions = {}): Iterable<Finding> {
  const { tables } = backend;
  const marks = checkMarks(backend);
  yield* marks.findings;
  const leases = new LeaseVisitor(tables.key, tables.lease);
  const index = withIndex ? [new IndexVisitor(tables)] : [];
  const pass = new RecordPass([...recordVisitors(marks), ...index, leases]);
  for (const { key, value } of tables.key.entries()) yield* pass.take(key, value);
  for (const entry of tables.lease.entries()) yield* leases.take(entry);
  yield* pass.end();
  yield* checkWatchSpecs(tables.watch);
}

/** The checks of the records of any store. Without marks that can be trusted, a record is only checked for itself. */
export function recordVisitors({ marks, compactRev }: CheckedMarks): RecordVisitor[] {
  const objects = new ObjectVisitor();
  if (marks === undefined || compactRev === undefined) return [objects];
  return [new SequenceVisitor(compactRev), new HistoryVisitor(compactRev), new CompactionVisitor(marks), objects];
}
