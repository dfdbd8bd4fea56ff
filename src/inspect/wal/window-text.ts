// What is said of the revisions that a log gives: remarks, and what is wrong.

import { quoteKey } from '../../bytes/key-text.js';
import type { AppliedLog, ApplyStop } from '../../mvcc/apply/apply-log.js';
import type { Doubt } from '../../mvcc/apply/doubt.js';
import type { StoredRecord } from '../../mvcc/record.js';
import { formatRevision } from '../../mvcc/revision.js';
import { readState, type StoreState } from '../../mvcc/store-state.js';
import type { Damage, RaftLog } from '../../wal/raft-log.js';
import type { RecordDifference } from './first-difference.js';
import { type OtherTerm, type Run, restoredAt } from './log-runs.js';

/** The revision of the first change of a store. */
const FIRST_CHANGE = 2;

export const GIVE_A_BASE = 'name a snapshot that it goes on from: --wal LOG --db SNAPSHOT';
export const GIVE_A_NEWER_BASE = 'another snapshot may be of a moment from which the log goes on';
export const READ_AGAIN = 'a server runs on it: read it again, or a copy that nothing writes to';

function entries({ from, to }: Run): string {
  return from === to ? `entry ${from}` : `entries ${from} to ${to}`;
}

function oldest({ compactRev }: StoreState): number {
  return Math.max(compactRev, 1);
}

function placed({ segment, offset, problem }: Damage): string {
  return `${segment}, byte ${offset}: ${problem}`;
}

/** The revisions that the log gives, and from what. */
export function scope(
  { backend, currentRev, firstIndex, lastIndex }: AppliedLog,
  base: { readonly path: string } | undefined,
  beside: StoreState | undefined,
): string {
  const { compactRev } = readState(backend);
  const from = compactRev < 0 ? FIRST_CHANGE : compactRev;
  const revisions = `revisions ${from} to ${currentRev}`;
  const isMore = beside !== undefined && from < oldest(beside);
  const alone = isMore ? `; the database alone begins at ${oldest(beside)}` : '';
  if (base !== undefined) return `the log goes on from ${base.path} up to entry ${lastIndex}: ${revisions}${alone}`;
  return `the log gives ${revisions}, by its ${entries({ from: firstIndex, to: lastIndex })}${alone}`;
}

/** Entries that the database does not have yet. */
export function aheadOf(index: number, to: number): string {
  return `not in the database yet: ${entries({ from: index + 1, to })} of the log, which a server applies when it starts`;
}

export function stopped({ index, reason }: ApplyStop): string {
  return `entry ${index} and what follows is not applied: ${reason}`;
}

export function leftOut(from: number, to: number): string {
  return `left out: ${entries({ from, to })} of the log, of which nothing here says that it was committed`;
}

export function torn(tail: Damage): string {
  return `the last write to the log was never finished, and is left out: ${placed(tail)}`;
}

export function damaged(damage: Damage, { entryCount, lastIndex }: RaftLog): string {
  const upTo = entryCount === 0 ? 'nothing of it can be read' : `it is read up to entry ${lastIndex}`;
  return `the log is damaged: ${placed(damage)}; ${upTo}`;
}

/** A log that ends before an entry that was there. */
export function endsEarly({ segments, tornTail, lastIndex }: RaftLog, to: number, wanted: number): string {
  const last = segments.at(-1);
  const where = tornTail === undefined ? `${last?.name}, byte ${last?.usedBytes}` : placed(tornTail);
  const known = to < lastIndex ? `, of which ${to} is the last that is known to be committed` : '';
  return `the log ends with entry ${lastIndex}${known}, before entry ${wanted}, which the member had: ${where}`;
}

/** Says why a log cannot be applied to an empty store. */
export function noStart(raft: RaftLog, beside: StoreState | undefined): string {
  const restored = restoredAt(raft);
  const why =
    restored === undefined
      ? raft.entryCount === 0
        ? 'the log has no entries'
        : `the log begins at entry ${raft.firstIndex}`
      : `the log goes on from a snapshot that was restored, at entry ${restored}`;
  if (beside === undefined) return `${why}: what was before is not in it`;
  if (beside.compactRev < FIRST_CHANGE) return `${why}: it does not tell who made what the database had before`;
  return `${why}, so that nothing before revision ${oldest(beside)}, where the database begins, can be told from it; --wal with an older snapshot as --db can`;
}

export function gapBehind(path: string, index: number, runs: readonly Run[]): string {
  const next = runs.find(({ from }) => from > index);
  const missing =
    next === undefined
      ? `the log ends at entry ${runs.at(-1)?.to ?? 0}`
      : `the log has no ${entries({ from: index + 1, to: next.from - 1 })}`;
  return `${path} ends with entry ${index}, and ${missing}`;
}

/** A database that has come from another history than the log. */
export function otherTerm(path: string, { index, term, inLog }: OtherTerm): string {
  return `entry ${index}, with which ${path} ends, has term ${term} there and term ${inLog} in the log`;
}

/** Entries that are missing because the member was sent a snapshot in their place. */
export function jump(run: Run, runs: readonly Run[], besideIndex: number): string {
  const next = runs.find(({ from }) => from > run.to)!;
  const missing = entries({ from: run.to + 1, to: Math.min(next.from - 1, Math.max(besideIndex, run.to + 1)) });
  return `the log has no ${missing}: the member was sent a snapshot in their place`;
}

export function jumpBehind(run: Run, runs: readonly Run[]): string {
  const next = runs.find(({ from }) => from > run.to)!;
  return `the log has no ${entries({ from: run.to + 1, to: next.from - 1 })}: what is told ends with entry ${run.to}`;
}

export function joined(joinRev: number, to: number | undefined, { currentRev }: StoreState): string {
  const end = to === undefined ? '' : `, which ends there with entry ${to}`;
  return `the revisions up to ${joinRev} are from the log${end}, and those up to ${currentRev} from the database`;
}

export function doesNotJoin(baseRev: number, logRev: number, beside: StoreState): string {
  return `the revisions ${baseRev + 1} to ${logRev}, which the log has before, are left out: the database begins at ${oldest(beside)}`;
}

export function databaseBeyond(logRev: number, beside: StoreState): string {
  return `what is told ends at revision ${logRev}; the database has the revisions ${oldest(beside)} to ${beside.currentRev}, which --compacted reads`;
}

export function besideDamaged(path: string, problem: string): string {
  return `${path} is damaged, and was not compared with the log: ${problem}`;
}

export function besideChanged(path: string): string {
  return `${path} was written to while it was read, and is not compared with the log`;
}

/** The first record in which the log and the database differ. */
export function differs({ revision, inLog, inDatabase }: RecordDifference, applied: AppliedLog): string {
  if (inLog === undefined && inDatabase === undefined) {
    return `only one of the log and the database has revision ${revision.main}, as far as they have applied the same entries; the database is believed`;
  }
  const index = applied.indexOf(revision.main);
  const entry = index === undefined || inLog === undefined ? '' : `, by entry ${index}`;
  const where = `the log and the database differ from revision ${formatRevision(revision)} on`;
  return `${where}: the log gives ${recordText(inLog)}${entry}, and the database has ${recordText(inDatabase)}; from there on, the database is believed`;
}

function recordText(record: StoredRecord | undefined): string {
  if (record === undefined) return 'nothing';
  return `${record.tombstone ? 'a deletion' : 'a put'} of ${quoteKey(record.key)}`;
}

/** `fromRev` is the first revision that may be another one, and `toRev` the last: before it if the database has them all. */
export function doubtful({ index, reason, followed }: Doubt, count: number, fromRev: number, toRev: number): string {
  const others = count === 1 ? '' : `, nor is that of ${count === 2 ? 'another one' : `${count - 1} others`}`;
  const range = Number.isFinite(toRev) ? `${fromRev} to ${toRev}` : `from ${fromRev} on`;
  const matter =
    toRev < fromRev
      ? `other entries may have made the revisions from ${fromRev} on`
      : `revisions ${range} may have been others`;
  return `the effect of entry ${index}, which counts as ${followed}, is not decided by the log${others}, so that ${matter}: ${reason}`;
}
