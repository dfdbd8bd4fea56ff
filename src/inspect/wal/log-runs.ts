// The entries of a log whose indexes follow one another, and how many of them are committed.

import { type ApplyBase, consistentIndexOf, lastTermOf } from '../../mvcc/apply/base-state.js';
import { NORMAL, type RaftLog } from '../../wal/raft-log.js';

/** Entries without a gap, both ends included. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** Returns the entries of a log, between the indexes that it does not have. */
export function runsOf({ entryCount, firstIndex, lastIndex, jumps }: RaftLog): Run[] {
  if (entryCount === 0) return [];
  const starts = [firstIndex, ...jumps.map(({ to }) => to)];
  const ends = [...jumps.map(({ from }) => from), lastIndex];
  return starts.map((from, i) => ({ from, to: ends[i]! }));
}

/** Returns the entries of which one follows an index, or that end there. */
export function runFrom(runs: readonly Run[], index: number): Run | undefined {
  return runs.find(({ from, to }) => from - 1 <= index && index <= to);
}

/**
 * Returns the index of the last entry of a run that is known to be committed; it may be one before the run. What the
 * database beside has applied is committed. Yet where the log ends before that, what replaced its last entries may be
 * missing too, and only its own word counts.
 */
export function commitOf({ jumps, damage, hardState, lastIndex }: RaftLog, run: Run, besideIndex: number): number {
  const jump = jumps.find(({ from }) => from === run.to);
  if (jump !== undefined) return Math.min(jump.commit, run.to);
  const known = hardState?.commit ?? 0;
  const isWhole = damage === undefined && besideIndex <= lastIndex;
  return Math.min(isWhole ? Math.max(known, besideIndex) : known, run.to);
}

/**
 * Returns the index with which a restore has begun the log; undefined if none has. A restore writes an entry for each
 * member, and a snapshot that stands for them and for what was restored.
 */
export function restoredAt(raft: RaftLog): number | undefined {
  const index = raft.snapshots.find((snapshot) => snapshot.index > 0)?.index;
  if (index === undefined || raft.firstIndex !== 1 || index > raft.entryCount) return undefined;
  for (let i = 1; i <= index; i++) if (raft.entry(i)?.type === NORMAL) return undefined;
  return index;
}

/** The term of an entry, in a database that ends with it and in a log. */
export interface OtherTerm {
  readonly index: number;
  readonly term: number;
  readonly inLog: number;
}

/** Returns the last entry of a database if it has another term in the log: they are of different histories then. */
export function otherTermIn(raft: RaftLog, database: ApplyBase): OtherTerm | undefined {
  const index = consistentIndexOf(database);
  const [term, inLog] = [lastTermOf(database), raft.entry(index)?.term];
  return term === undefined || inLog === undefined || term === inLog ? undefined : { index, term, inLog };
}
