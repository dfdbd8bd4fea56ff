// Checks the database of a member against its log: whether its last entry lies in the log, and whether applying the log
// up to that entry gives exactly what the database holds, as far as compaction has left it.
//
//   log         1 ――――――――――――――――――― 2241 ―― 2277   entries
//   database                              ^ the last that it has applied: compared up to here

import { quoteKey } from '../../../bytes/key-text.js';
import { MvccwError } from '../../../errors.js';
import { type AppliedLog, applyLog } from '../../../mvcc/apply/apply-log.js';
import { type ApplyBase, consistentIndexOf } from '../../../mvcc/apply/base-state.js';
import type { StoredRecord } from '../../../mvcc/record.js';
import { formatRevision } from '../../../mvcc/revision.js';
import { readState } from '../../../mvcc/store-state.js';
import type { RaftLog } from '../../../wal/raft-log.js';
import { problemIn } from '../../check/finding.js';
import { firstDifference, type RecordDifference } from '../first-difference.js';
import { otherTermIn, restoredAt, runFrom, runsOf } from '../log-runs.js';
import { gapBehind } from '../window-text.js';
import { entriesText } from './audit-log.js';
import { type AuditedFile, type AuditSides, auditState } from './audit-state.js';
import { firstMissing } from './kept-records.js';
import type { AuditStep, LogFinding } from './log-finding.js';
import { namedEntry } from './named-entry.js';

export function* auditDatabase(sides: AuditSides): Generator<AuditStep, AppliedLog | undefined> {
  const { raft, database, base } = sides;
  const index = lastApplied(database);
  if (index === undefined) {
    const text = 'it does not name the last entry that it has applied, and is not compared';
    yield { remark: { about: 'database', text } };
    return undefined;
  }
  const { currentRev } = readState(database);
  yield { remark: { about: 'database', text: `it has applied entry ${index}, at revision ${currentRev}`, to: index } };
  yield* auditPosition(raft, database, index);
  const start = base === undefined ? 0 : consistentIndexOf(base);
  const run = base === undefined && restoredAt(raft) !== undefined ? undefined : runFrom(runsOf(raft), start);
  if (run === undefined) {
    const why =
      base === undefined
        ? 'the log does not begin with the first entry, and nothing is named that it goes on from'
        : gapBehind(base.path, start, runsOf(raft));
    yield { remark: { about: 'applied', text: `records are not compared: ${why}` } };
    return undefined;
  }
  const upTo = Math.min(index, run.to);
  const applied = applyLog(raft, base, { upTo, beside: database, onIndex: sides.onIndex });
  if (applied.stop !== undefined) {
    const { index: at, reason } = applied.stop;
    yield { finding: { kind: 'unreadable', index: at, problem: `entry ${at}: ${reason}` } };
  }
  yield* auditRecords(sides, applied, index);
  for (const doubt of applied.doubts) {
    const how = `${doubt.followed} here${doubt.decidedBy === 'rule' ? '' : `, as the ${doubt.decidedBy} shows`}`;
    const entry = namedEntry(raft, doubt.index);
    yield {
      remark: {
        about: 'doubt',
        text: `entry ${doubt.index}, ${how}: ${doubt.reason}`,
        from: doubt.index,
        to: doubt.index,
        entry,
      },
    };
  }
  return applied;
}

/** Returns the index of the last entry that a database has applied; undefined if it does not say. */
export function lastApplied(database: ApplyBase): number | undefined {
  try {
    return consistentIndexOf(database);
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'FORMAT') return undefined;
    throw error;
  }
}

function* auditPosition(raft: RaftLog, database: AuditedFile, index: number): Iterable<AuditStep> {
  if (index > raft.lastIndex) {
    // What is missing behind damage is told by the damage.
    if (raft.damage !== undefined) return;
    const problem = `the database has applied entry ${index}, and the log ends with ${raft.lastIndex}`;
    yield { finding: { kind: 'end', index: raft.lastIndex + 1, problem } };
    return;
  }
  if (index < raft.firstIndex - 1) {
    const problem = `the database has applied entry ${index}, and the log begins with ${raft.firstIndex}`;
    yield { finding: { kind: 'position', index: index + 1, problem } };
    return;
  }
  const jump = raft.jumps.find(({ from, to }) => from < index && index < to - 1);
  if (jump !== undefined) {
    const missing = entriesText(index + 1, jump.to - 1);
    const problem = `the database has applied entry ${index}, and the log lacks ${missing}, which it would need next`;
    yield { finding: { kind: 'position', index: index + 1, problem } };
  }
  const other = otherTermIn(raft, database);
  if (other === undefined) return;
  const problem = `entry ${index} is of term ${other.inLog} in the log, and of term ${other.term} in the database`;
  yield { finding: { kind: 'term', index, problem } };
}

/** Compares as far as both go. */
function* auditRecords(sides: AuditSides, applied: AppliedLog, index: number): Iterable<AuditStep> {
  const { raft, database, base } = sides;
  const { currentRev, compactRev } = readState(database);
  const isWhole = applied.lastIndex >= index;
  const logRev = applied.currentRev;
  const databaseRev = isWhole ? currentRev : Math.min(currentRev, logRev);
  const [log, records] = [applied.backend.tables.key, database.tables.key];
  const since = base === undefined ? '' : `, applied to ${base.path},`;
  const to = applied.lastIndex;
  const text =
    to < applied.firstIndex
      ? `the log has no entry behind those of ${base?.path} that the database has applied`
      : `${entriesText(applied.firstIndex, to)}${since} give the revisions up to ${logRev}`;
  yield { remark: { about: 'applied', text, from: applied.firstIndex, to } };
  if (!isWhole) {
    const rest = `what entries ${to + 1} to ${index} have made of the database is not compared: the log lacks some of them`;
    yield { remark: { about: 'applied', text: rest, from: to + 1, to: index } };
  }
  const difference = firstDifference({ log, database: records, logRev, databaseRev, compactRev });
  if (difference !== undefined) {
    yield { finding: recordFinding(raft, applied, difference) };
    return;
  }
  if (!isWhole) return;
  const missing = firstMissing(log, records, compactRev);
  if (missing !== undefined) yield { finding: missingFinding(raft, applied, missing, compactRev) };
  yield* auditState(sides, applied, index);
}

function recordText(record: StoredRecord | undefined): string {
  if (record === undefined) return 'nothing';
  try {
    const { key, tombstone, version } = record;
    return tombstone ? `a deletion of ${quoteKey(key)}` : `a put of ${quoteKey(key)}, version ${version}`;
  } catch (error) {
    return `a record that cannot be read: ${problemIn(error)}`;
  }
}

function recordFinding(raft: RaftLog, applied: AppliedLog, difference: RecordDifference): LogFinding {
  const { revision, inLog, inDatabase } = difference;
  const entry = namedEntry(raft, applied.indexOf(revision.main));
  const [one, other] = [recordText(inLog), recordText(inDatabase)];
  const has =
    one === other
      ? `both have ${one}, and they differ in what it holds`
      : `the log gives ${one}, and the database has ${other}`;
  const problem = `revision ${formatRevision(revision)}: ${has}`;
  return { kind: 'record', problem, index: entry?.index, entry, revision, key: inLog?.key };
}

function missingFinding(raft: RaftLog, applied: AppliedLog, record: StoredRecord, compactRev: number): LogFinding {
  const { main, sub, key } = record;
  const entry = namedEntry(raft, applied.indexOf(main));
  const problem = `revision ${formatRevision(record)}: the database lacks ${recordText(record)}, which compaction at ${compactRev} keeps`;
  return { kind: 'record', problem, index: entry?.index, entry, revision: { main, sub }, key };
}
