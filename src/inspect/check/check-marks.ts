// Checks the marks that compaction writes in `meta`.

import type { ReadBackend } from '../../mvcc/backend.js';
import { readState, type StoreState } from '../../mvcc/store-state.js';
import { type Finding, problemIn } from './finding.js';

export interface CheckedState {
  /** Undefined if the marks or the newest record cannot be read. */
  readonly state: StoreState | undefined;
  readonly findings: readonly Finding[];
}

export function checkMarks(backend: ReadBackend): CheckedState {
  let state: StoreState;
  try {
    state = readState(backend);
  } catch (error) {
    return { state: undefined, findings: [{ kind: 'marks', table: 'meta', problem: problemIn(error) }] };
  }
  return { state, findings: [] };
}
