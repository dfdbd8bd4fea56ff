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
  /** The tables that cannot be read; the table of marks is none of them. The default is none. */
  readonly unreadable?: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** Checks the tables of a database of mvccw. What needs a table that cannot be read is left out. */
export function* checkStore(backend: ReadBackend, { unreadable = NONE }: CheckStoreOptions = {}): Iterable<Finding> {
  const { tables } = backend;
  const leases = unreadable.has('lease') ? undefined : new LeaseVisitor(tables.lease);
  if (unreadable.has('key')) {
    if (leases !== undefined) for (const entry of tables.lease.entries()) yield* leases.take(entry);
  } else {
    yield* checkTables(backend, leases, unreadable.has('index') ? [] : [new IndexVisitor(tables)]);
  }
  if (!unreadable.has('watch')) yield* checkWatchSpecs(tables.watch);
}

/** Checks records, and the tables that follow from them. */
function* checkTables(
  backend: ReadBackend,
  leases: LeaseVisitor | undefined,
  index: readonly IndexVisitor[],
): Iterable<Finding> {
  const { tables } = backend;
  const marks = checkMarks(backend);
  yield* marks.findings;
  const pass = new RecordPass([...recordVisitors(marks), ...index, ...(leases === undefined ? [] : [leases])]);
  for (const { key, value } of tables.key.entries()) yield* pass.take(key, value);
  if (leases !== undefined) for (const entry of tables.lease.entries()) yield* leases.take(entry);
  yield* pass.end();
}

/** The checks of the records of any store. Without marks that can be trusted, a record is only checked for itself. */
export function recordVisitors({ marks, compactRev }: CheckedMarks): RecordVisitor[] {
  const objects = new ObjectVisitor();
  if (marks === undefined || compactRev === undefined) return [objects];
  return [new SequenceVisitor(compactRev), new HistoryVisitor(compactRev), new CompactionVisitor(marks), objects];
}
