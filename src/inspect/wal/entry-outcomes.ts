// Tells what came of the entries of a log: of those that can be applied, as what was before them is known.

import { MvccwError } from '../../errors.js';
import { type AppliedLog, applyLog } from '../../mvcc/apply/apply-log.js';
import { type ApplyBase, consistentIndexOf } from '../../mvcc/apply/base-state.js';
import type { Doubt } from '../../mvcc/apply/doubt.js';
import type { Outcome } from '../../mvcc/apply/outcome.js';
import type { RaftLog } from '../../wal/raft-log.js';
import { commitOf, restoredAt, runFrom, runsOf } from './log-runs.js';

export interface EntryOutcomes {
  /** Returns what came of an entry; undefined if this cannot be told. */
  of(index: number): Outcome | undefined;
  /** What the outcome of an entry hangs on, where the log alone does not decide it. */
  doubtOf(index: number): Doubt | undefined;
  isCommitted(index: number): boolean;
  /** Why the outcome of some entries cannot be told; undefined if that of all committed ones is. */
  readonly unknown: string | undefined;
}

/** Applies what can be applied: the entries from the first one on, and those behind the last that a database has. */
export function entryOutcomes(raft: RaftLog, database: ApplyBase | undefined): EntryOutcomes {
  const runs = runsOf(raft);
  const known = database === undefined ? 0 : indexOf(database);
  const commits = runs.map((run) => ({ ...run, commit: commitOf(raft, run, known) }));
  const applied: AppliedLog[] = [];
  const [first] = commits;
  const fromStart = first?.from === 1 && restoredAt(raft) === undefined;
  if (fromStart) applied.push(applyLog(raft, undefined, { upTo: first.commit, beside: database }));
  const behind = known === 0 ? undefined : runFrom(runs, known);
  if (behind !== undefined && !(fromStart && behind.from === 1)) {
    applied.push(applyLog(raft, database, { upTo: commitOf(raft, behind, known) }));
  }
  const doubts = new Map(applied.flatMap((log) => log.doubts.map((doubt) => [doubt.index, doubt] as const)));
  const told = applied.reduce((sum, { firstIndex, lastIndex }) => sum + lastIndex - firstIndex + 1, 0);
  const committed = commits.reduce((sum, { from, commit }) => sum + Math.max(commit - from + 1, 0), 0);
  return {
    of(index) {
      for (const log of applied) {
        const outcome = log.outcomeOf(index);
        if (outcome !== undefined) return outcome;
      }
      return undefined;
    },
    doubtOf: (index) => doubts.get(index),
    isCommitted: (index) => commits.some(({ from, commit }) => from <= index && index <= commit),
    unknown: told >= committed ? undefined : unknownText(raft, applied),
  };
}

/** Returns the index of the last entry that a database has; 0 if it does not say. */
function indexOf(database: ApplyBase): number {
  try {
    return consistentIndexOf(database);
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'FORMAT') return 0;
    throw error;
  }
}

function unknownText(raft: RaftLog, applied: readonly AppliedLog[]): string {
  const [stop] = applied.flatMap(({ stop }) => (stop === undefined ? [] : [stop]));
  const ranges = applied.flatMap(({ firstIndex, lastIndex }) =>
    firstIndex > lastIndex ? [] : [`${firstIndex} to ${lastIndex}`],
  );
  const only = ranges.length === 0 ? 'no entry' : `the entries ${ranges.join(' and ')} only`;
  const why =
    stop !== undefined
      ? `entry ${stop.index} is not applied: ${stop.reason}`
      : raft.firstIndex === 1
        ? 'the log has a gap, or goes on from a snapshot'
        : `the log begins at entry ${raft.firstIndex}`;
  return `what came of ${only} can be told, as ${why}`;
}
