// The window of revisions that can be read, and the errors for a revision outside of it.

import { MvccwError } from '../errors.js';
import type { StoreState } from './store-state.js';

/** The revisions that can be read. */
export type Window = Pick<StoreState, 'currentRev' | 'compactRev'>;

export function checkRevision(rev: number, state: Window): void {
  if (rev > state.currentRev) {
    throw new MvccwError('FUTURE_REVISION', `revision ${rev} is in the future: the newest is ${state.currentRev}`, {
      hint: `choose a revision up to ${state.currentRev}`,
    });
  }
  if (rev < state.compactRev) throw compacted(rev, state);
}

export function compacted(rev: number, state: Window): MvccwError {
  return new MvccwError('COMPACTED', `revision ${rev} has been compacted: the oldest is ${state.compactRev}`, {
    hint: `choose a revision from ${state.compactRev} to ${state.currentRev}`,
  });
}

/** Returns the error for a compaction at or below the last one. */
export function alreadyCompacted(rev: number, { compactRev, currentRev }: Window): MvccwError {
  const at = rev === compactRev ? '' : `, at ${compactRev}`;
  const what = compactRev < 0 ? 'is below all revisions' : `has been compacted already${at}`;
  return new MvccwError('COMPACTED', `revision ${rev} ${what}`, {
    hint:
      compactRev < currentRev
        ? `a compaction can be at a revision from ${compactRev + 1} to ${currentRev}`
        : 'nothing newer has been written since',
  });
}
