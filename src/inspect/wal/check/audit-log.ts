// Checks a log by itself: that it can be read, that nothing is missing within it, and that it holds what it says is
// committed.

import type { IndexJump, OverwrittenRange, RaftLog } from '../../../wal/raft-log.js';
import type { AuditStep } from './log-finding.js';

const count = (number: number, what: string, many = `${what}s`): string =>
  `${number.toLocaleString('en-US')} ${number === 1 ? what : many}`;

/** Returns how a range of entries is called. */
export function entriesText(from: number, to: number): string {
  return from === to ? `entry ${from}` : `entries ${from} to ${to}`;
}

export function* auditLog(raft: RaftLog): Iterable<AuditStep> {
  yield { remark: { about: 'log', text: logText(raft), from: raft.firstIndex, to: raft.lastIndex } };
  for (const range of raft.overwritten) yield* auditOverwritten(raft, range);
  for (const jump of raft.jumps) yield auditJump(raft, jump);
  const { damage, tornTail, hardState, lastIndex } = raft;
  if (damage !== undefined) {
    const { segment, offset, problem } = damage;
    yield { finding: { kind: 'damage', segment, offset, problem: `${segment}, byte ${offset}: ${problem}` } };
    return;
  }
  const { commit = 0 } = hardState ?? {};
  if (tornTail !== undefined) {
    const { segment, offset, problem } = tornTail;
    yield { remark: { about: 'torn', text: `${segment}, byte ${offset}: ${problem}` } };
  }
  if (commit > lastIndex) {
    const problem = `entries up to ${commit} are committed, and the log ends with ${lastIndex}`;
    yield { finding: { kind: 'end', index: lastIndex + 1, problem } };
  } else if (commit < lastIndex) {
    const text = `${entriesText(commit + 1, lastIndex)}: the log does not say whether the cluster has agreed on them`;
    yield { remark: { about: 'uncommitted', text, from: commit + 1, to: lastIndex } };
  }
}

function logText({ segments, entryCount, firstIndex, lastIndex, hardState, metadata, snapshots }: RaftLog): string {
  const held =
    entryCount === 0
      ? 'no entries'
      : `${count(entryCount, 'entry', 'entries')} from ${firstIndex} to ${lastIndex}, committed up to ${hardState?.commit ?? 0}`;
  const member = metadata === undefined ? '' : `, of member ${metadata.nodeId.toString(16)}`;
  const saved = snapshots.filter(({ index }) => index > 0).length;
  return `${count(segments.length, 'segment')}, ${held}${member}${saved === 0 ? '' : `, ${count(saved, 'snapshot')}`}`;
}

function* auditOverwritten(raft: RaftLog, range: OverwrittenRange): Iterable<AuditStep> {
  const { from, to, fromTerm, toTerm, byTerm, commit, position } = range;
  const terms = fromTerm === toTerm ? `term ${fromTerm}` : `terms ${fromTerm} to ${toTerm}`;
  const text = `${entriesText(from, to)} of ${terms}, by what was written in term ${byTerm}`;
  yield { remark: { about: 'overwritten', text, from, to } };
  if (from > commit) return;
  const problem = `${entriesText(from, Math.min(to, commit))} had been committed, and was replaced in term ${byTerm}`;
  yield { finding: { kind: 'overwritten', index: from, problem, ...raft.placeOf(position) } };
}

/** A member that is far behind is sent a snapshot, and its log goes on behind that. */
function auditJump({ snapshots }: RaftLog, { from, to }: IndexJump): AuditStep {
  const missing = entriesText(from + 1, to - 1);
  const snapshot = snapshots.find(({ index }) => index === to - 1);
  if (snapshot === undefined) {
    const problem = `${missing} ${from + 1 === to - 1 ? 'is' : 'are'} missing between ${from} and ${to}`;
    return { finding: { kind: 'gap', index: from + 1, problem } };
  }
  const text = `${missing}: the member was sent a snapshot of index ${snapshot.index}, term ${snapshot.term}`;
  return { remark: { about: 'jump', text, from: from + 1, to: to - 1 } };
}
