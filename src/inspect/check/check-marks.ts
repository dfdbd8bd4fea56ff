// Checks the marks that compaction writes in `meta`.

import type { ReadBackend, ReadTable } from '../../mvcc/backend.js';
import { decodeRevisionKey } from '../../mvcc/revision.js';
import { readState, type StoreState } from '../../mvcc/store-state.js';
import { type Finding, problemIn } from './finding.js';

export interface CheckedState {
  /** Undefined if the marks, or the key of the newest record, cannot be read. */
  readonly state: StoreState | undefined;
  readonly findings: readonly Finding[];
}

/** What is wrong with the newest record is told by the checks of records and pages. */
export function checkMarks(backend: ReadBackend): CheckedState {
  if (!isNewestReadable(backend.tables.key)) return { state: undefined, findings: [] };
  try {
    return { state: readState(backend), findings: [] };
  } catch (error) {
    return { state: undefined, findings: [{ kind: 'marks', table: 'meta', problem: problemIn(error) }] };
  }
}

function isNewestReadable(records: ReadTable): boolean {
  try {
    const newest = records.last();
    if (newest !== undefined) decodeRevisionKey(newest.key);
    return true;
  } catch (error) {
    problemIn(error);
    return false;
  }
}
