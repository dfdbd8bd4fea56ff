// Tells what came of the entries of a log: of those that can be applied, as what was before them is known.
//
//   entries       1 ――――― 232   5970 ―――――――― 6105 ― 6110      behind a gap, the log goes on from the database beside it:
//   database                            compacted  6105        only what follows 6105 can be applied, and of those before
//   told          1 ――――― 232            5988 ――― 6105 ― 6110  it, the window tells which have made its revisions
//
// What the log gives is held against the database beside it. From an entry on at which they part, nothing is told.

import { NumberColumn } from '../../adt/number-column.js';
import { MvccwError } from '../../errors.js';
import { type AppliedLog, applyLog } from '../../mvcc/apply/apply-log.js';
import { consistentIndexOf } from '../../mvcc/apply/base-state.js';
import type { Doubt } from '../../mvcc/apply/doubt.js';
import type { Outcome } from '../../mvcc/apply/outcome.js';
import { CheckedStoreReader } from '../../mvcc/store.js';
import { readState } from '../../mvcc/store-state.js';
import type { RaftLog } from '../../wal/raft-log.js';
import { alignLog } from '../align/align.js';
import { firstDifference } from './first-difference.js';
import { commitOf, otherTermIn, type Run, restoredAt, runFrom, runsOf } from './log-runs.js';
import type { LogDatabase, LogSides } from './log-window.js';
import { endsEarly, otherTerm } from './window-text.js';

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
  /** Which entries are missing from the end of the log; undefined if all are there that were committed. */
  readonly missing: string | undefined;
}

/** Entries of which the outcome is told. */
interface Told {
  readonly applied: AppliedLog;
  readonly to: number;
}

export function entryOutcomes(sides: LogSides): EntryOutcomes {
  const { raft, beside } = sides;
  const runs = runsOf(raft);
  const besideIndex = beside === undefined ? 0 : indexOf(beside);
  const commits = runs.map((run) => ({ ...run, commit: commitOf(raft, run, besideIndex) }));
  const reasons: string[] = [];
  const told = [...toldFromStart(sides, runs, besideIndex, reasons), ...toldBehind(sides, runs, besideIndex, reasons)];
  const doubts = new Map(told.flatMap(openDoubts).map((doubt) => [doubt.index, doubt]));
  const aligned = alignedRevisions(sides, runs, besideIndex, told);
  const count = told.reduce((sum, { applied, to }) => sum + to - applied.firstIndex + 1, 0);
  const committed = commits.reduce((sum, { from, commit }) => sum + Math.max(commit - from + 1, 0), 0);
  return {
    of: (index) =>
      told.find(({ applied, to }) => applied.firstIndex <= index && index <= to)?.applied.outcomeOf(index) ??
      aligned(index),
    doubtOf: (index) => doubts.get(index),
    isCommitted: (index) => commits.some(({ from, commit }) => from <= index && index <= commit),
    unknown: count >= committed ? undefined : unknownText(sides, told, reasons),
    doubt: doubts.size === 0 ? undefined : doubtText([...doubts.values()]),
    missing: missingText(raft, Math.max(besideIndex, raft.hardState?.commit ?? 0)),
  };
}

/** What is missing behind damage is told by the damage. */
function missingText(raft: RaftLog, wanted: number): string | undefined {
  return raft.damage === undefined && wanted > raft.lastIndex ? endsEarly(raft, raft.lastIndex, wanted) : undefined;
}

/** The entries that follow what is known: an older database or, if the log begins with the first entry, nothing. */
function toldFromStart(sides: LogSides, runs: readonly Run[], besideIndex: number, reasons: string[]): Told[] {
  const { raft, base } = sides;
  const run = base === undefined ? runs.find(({ from }) => from === 1) : runFrom(runs, consistentIndexOf(base));
  if (run === undefined || (base === undefined && restoredAt(raft) !== undefined)) return [];
  const applied = applyLog(raft, base, { upTo: commitOf(raft, run, besideIndex), beside: sides.beside });
  if (applied.stop !== undefined) reasons.push(`entry ${applied.stop.index} is not applied: ${applied.stop.reason}`);
  const partsAt = besideIndex === 0 ? undefined : partingOf(applied, sides, besideIndex);
  if (partsAt === undefined) return [{ applied, to: applied.lastIndex }];
  if (partsAt === 'unknown') {
    // What the database seemed to settle is open then.
    const open = applyLog(raft, base, { upTo: applied.lastIndex });
    return [{ applied: open, to: open.lastIndex }];
  }
  reasons.push(`from entry ${partsAt} on, the log gives something else than the database beside it has`);
  return [{ applied, to: partsAt - 1 }];
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
function toldBehind({ raft, beside }: LogSides, runs: readonly Run[], besideIndex: number, reasons: string[]): Told[] {
  const run = besideIndex === 0 ? undefined : runFrom(runs, besideIndex);
  if (run === undefined || beside === undefined || (run.from === 1 && restoredAt(raft) === undefined)) return [];
  const other = otherTermIn(raft, beside);
  if (other !== undefined) {
    reasons.push(otherTerm(beside.path, other));
    return [];
  }
  const applied = applyLog(raft, beside, { upTo: commitOf(raft, run, besideIndex) });
  return [{ applied, to: applied.lastIndex }];
}

/**
 * Returns what tells the revisions that the database beside still has and that entries have made which cannot be applied,
 * as what was before them is not known.
 */
function alignedRevisions(
  { raft, beside }: LogSides,
  runs: readonly Run[],
  besideIndex: number,
  told: readonly Told[],
): (index: number) => Outcome | undefined {
  const run = besideIndex === 0 ? undefined : runFrom(runs, besideIndex);
  const isTold = told.some(({ applied, to }) => applied.firstIndex <= besideIndex && besideIndex <= to);
  if (run === undefined || beside === undefined || isTold || run.to < besideIndex) return () => undefined;
  const store = new CheckedStoreReader(beside);
  const alignment = alignLog({ store, base: beside, log: raft, lastIndex: besideIndex });
  const revisions = new NumberColumn(Float64Array);
  for (let main = Math.max(store.compactRev, 1) + 1; main <= store.currentRev; main++) {
    const [origin, other] = alignment.originsOf(main);
    if (origin !== undefined && other === undefined) revisions.set(origin.index - run.from, main);
  }
  return (index) => {
    const revision = index < run.from || index > besideIndex ? 0 : revisions.at(index - run.from);
    return revision === 0 ? undefined : { revision };
  };
}

function openDoubts({ applied, to }: Told): Doubt[] {
  return applied.doubts.filter(({ index, decidedBy }) => decidedBy === 'rule' && index <= to);
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

function unknownText({ raft, beside }: LogSides, told: readonly Told[], reasons: readonly string[]): string {
  const ranges = told.flatMap(({ applied: { firstIndex }, to }) => (firstIndex > to ? [] : [`${firstIndex} to ${to}`]));
  const only = ranges.length === 0 ? 'no entry' : `only the entries ${ranges.join(' and ')}`;
  const start =
    raft.firstIndex === 1
      ? 'the log has a gap, or goes on from a snapshot'
      : `the log begins at entry ${raft.firstIndex}`;
  const rest = beside === undefined ? '' : ': of others, only what the database beside it still has is told';
  return `what came of ${only} can be told by the log, as ${reasons.length === 0 ? start : reasons.join('; ')}${rest}`;
}

function doubtText(doubts: readonly Doubt[]): string {
  const others = doubts.length === 1 ? '' : `, nor of ${doubts.length - 1} others`;
  return `what came of entry ${doubts[0]!.index} is not certain${others}: ${doubts[0]!.reason}`;
}
