// Checks the marks that compaction writes in `meta`.

import { MvccwError } from '../../errors.js';
import type { ReadBackend } from '../../mvcc/backend.js';
import { type CompactionMarks, readMarks, readState } from '../../mvcc/store-state.js';
import { type Finding, problemIn } from './finding.js';

export interface CheckedMarks {
  /** Undefined if the marks cannot be read, or contradict each other. */
  readonly marks: CompactionMarks | undefined;
  /** The revision up to which records may be missing. Undefined as the marks are. */
  readonly compactRev: number | undefined;
  readonly findings: readonly Finding[];
}

/** What is wrong with the newest record is told by the checks of records and pages. */
export function checkMarks(backend: ReadBackend): CheckedMarks {
  try {
    const marks = readMarks(backend.tables.meta);
    return { marks, compactRev: compactRevOf(backend, marks), findings: [] };
  } catch (error) {
    const finding: Finding = { kind: 'marks', table: 'meta', problem: problemIn(error) };
    return { marks: undefined, compactRev: undefined, findings: [finding] };
  }
}

/** Where the newest record cannot be read, a compaction that was scheduled counts. */
function compactRevOf(
  backend: ReadBackend,
  { scheduledCompactRev = -1, finishedCompactRev = -1 }: CompactionMarks,
): number {
  try {
    return readState(backend).compactRev;
  } catch (error) {
    if (!(error instanceof MvccwError) || error.code !== 'CORRUPT') throw error;
    return Math.max(scheduledCompactRev, finishedCompactRev);
  }
}
