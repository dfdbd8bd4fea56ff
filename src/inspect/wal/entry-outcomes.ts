// Tells what came of the entries of a log: of those that can be applied, as what was before them is known.
//
//   entries       1 ――――― 232   5970 ―――――――― 6105 ― 6110      after a gap the log goes on from the database beside it,
//   database                                  6105             so that only what follows 6105 is applied again
//   told          1 ――――― 232                   6106 ― 6110
//
// What the log gives is held against the database beside it. From an entry on at which they part, nothing is told.

import { MvccwError } from '../../errors.js';
import { type AppliedLog, applyLog } from '../../mvcc/apply/apply-log.js';
import { consistentIndexOf } from '../../mvcc/apply/base-state.js';
import type { Doubt } from '../../mvcc/apply/doubt.js';
import type { Outcome } from '../../mvcc/apply/outcome.js';
import { readState } from '../../mvcc/store-state.js';
import type { RaftLog } from '../../wal/raft-log.js';
import { firstDifference } from './first-difference.js';
import { commitOf, type Run, restoredAt, runFrom, runsOf } from './log-runs.js';
import type { LogDatabase, LogSides } from './log-window.js';

export interface EntryOutcomes {
  /** Returns what came of an entry; undefined if this cannot be told. */
  of(index: number): Outcome | undefined;
  /** What the outcome of an entry hangs on, where neither the log nor the database beside it decides it. */
  doubtOf(index: number): Doubt | undefined;
  isCommitted(index: number): boolean;
  /** Why the outcome of some committed entries cannot be told; undefined if that of all can. */
  readonly unknown: string | undefined;
  /** Why some of what is told is not certain: it says how many entries are not decided. */
  readonly doubt: string | undefined;
}

/** Entries of which the outcome is told. */
interface Told {
  readonly applied: AppliedLog;
  readonly to: number;
  /** The last entry of which the database beside says that it came of it what is told. */
  readonly settled: number;
}

export function entryOutcomes(sides: LogSides): EntryOutcomes {
  const { raft, beside } = sides;
  const runs = runsOf(raft);
  const besideIndex = beside === undefined ? 0 : indexOf(beside);
  const commits = runs.map((run) => ({ ...run, commit: commitOf(raft, run, besideIndex) }));
  const reasons: string[] = [];
  const told = [...toldFromStart(sides, runs, besideIndex, reasons), ...toldBehind(sides, runs, besideIndex)];
  const doubts = new Map(told.flatMap(openDoubts).map((doubt) => [doubt.index, doubt]));
  const count = told.reduce((sum, { applied, to }) => sum + to - applied.firstIndex + 1, 0);
  const committed = commits.reduce((sum, { from, commit }) => sum + Math.max(commit - from + 1, 0), 0);
  return {
    of: (index) => told.find(({ applied, to }) => applied.firstIndex <= index && index <= to)?.applied.outcomeOf(index),
    doubtOf: (index) => doubts.get(index),
    isCommitted: (index) => commits.some(({ from, commit }) => from <= index && index <= commit),
    unknown: count >= committed ? undefined : unknownText(raft, told, reasons),
    doubt: doubts.size === 0 ? undefined : doubtText([...doubts.values()]),
  };
}

/** The entries that follow what is known: an older database or, if the log begins with the first entry, nothing. */
function toldFromStart(sides: LogSides, runs: readonly Run[], besideIndex: number, reasons: string[]): Told[] {
  const { raft, base } = sides;
  const run = base === undefined ? runs.find(({ from }) => from === 1) : runFrom(runs, consistentIndexOf(base));
  if (run === undefined || (base === undefined && restoredAt(raft) !== undefined)) return [];
  const applied = applyLog(raft, base, { upTo: commitOf(raft, run, besideIndex) });
  if (applied.stop !== undefined) reasons.push(`entry ${applied.stop.index} is not applied: ${applied.stop.reason}`);
  const partsAt = besideIndex === 0 ? undefined : partingOf(applied, sides, besideIndex);
  if (partsAt === undefined || partsAt === 'unknown') {
    return [{ applied, to: applied.lastIndex, settled: partsAt === undefined ? besideIndex : 0 }];
  }
  reasons.push(`from entry ${partsAt} on, the log gives something else than the database beside it has`);
  return [{ applied, to: partsAt - 1, settled: partsAt - 1 }];
}

/** Returns the first entry at which the log and the database beside it may part; undefined if they do not. */
function partingOf(
  applied: AppliedLog,
  { beside, isUnchanged }: LogSides,
  index: number,
): number | 'unknown' | undefined {
  const { currentRev, compactRev } = readState(beside!);
  const logRev = revisionAt(applied, Math.min(applied.lastIndex, index));
  const databaseRev = applied.lastIndex >= index ? currentRev : Math.min(currentRev, logRev);
  try {
    const [log, database] = [applied.backend.tables.key, beside!.tables.key];
    const difference = firstDifference({ log, database, logRev, databaseRev, compactRev });
    if (isUnchanged?.() === false) return 'unknown';
    if (difference === undefined) return undefined;
    const { main } = difference.revision;
    // Of what is below the compaction, little is left: where they part there can be before the first difference.
    return main <= compactRev ? applied.firstIndex : (applied.indexOf(main - 1) ?? applied.firstIndex - 1) + 1;
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'CORRUPT') return 'unknown';
    throw error;
  }
}

/** Returns the newest revision behind an entry. */
function revisionAt(applied: AppliedLog, index: number): number {
  for (let at = index; at >= applied.firstIndex; at--) {
    const revision = applied.outcomeOf(at)?.revision;
    if (revision !== undefined) return revision;
  }
  return applied.baseRev;
}

/** The entries behind the last one that the database beside has applied, where they are not told already. */
function toldBehind({ raft, beside }: LogSides, runs: readonly Run[], besideIndex: number): Told[] {
  const run = besideIndex === 0 ? undefined : runFrom(runs, besideIndex);
  if (run === undefined || beside === undefined || (run.from === 1 && restoredAt(raft) === undefined)) return [];
  const applied = applyLog(raft, beside, { upTo: commitOf(raft, run, besideIndex) });
  return [{ applied, to: applied.lastIndex, settled: 0 }];
}

function openDoubts({ applied, to, settled }: Told): Doubt[] {
  return applied.doubts.filter(({ index, decidedBy }) => decidedBy === 'rule' && index > settled && index <= to);
}

/** Returns the index of the last entry that a database has; 0 if it does not say. */
function indexOf(database: LogDatabase): number {
  try {
    return consistentIndexOf(database);
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'FORMAT') return 0;
    throw error;
  }
}

function unknownText(raft: RaftLog, told: readonly Told[], reasons: readonly string[]): string {
  const ranges = told.flatMap(({ applied: { firstIndex }, to }) => (firstIndex > to ? [] : [`${firstIndex} to ${to}`]));
  const only = ranges.length === 0 ? 'no entry' : `the entries ${ranges.join(' and ')} only`;
  const start =
    raft.firstIndex === 1
      ? 'the log has a gap, or goes on from a snapshot'
      : `the log begins at entry ${raft.firstIndex}`;
  return `what came of ${only} can be told, as ${reasons.length === 0 ? start : reasons.join('; ')}`;
}

function doubtText(doubts: readonly Doubt[]): string {
  const others = doubts.length === 1 ? '' : `, nor of ${doubts.length - 1} others`;
  return `what came of entry ${doubts[0]!.index} is not certain${others}: ${doubts[0]!.reason}`;
}
