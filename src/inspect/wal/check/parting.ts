// Finds where two members of a cluster part. Raft gives them the same entries, so it is enough to walk both logs by index
// and to compare what came of each entry. Who has applied it otherwise than the others is not told by two.

import type { AppliedLog } from '../../../mvcc/apply/apply-log.js';
import type { Outcome } from '../../../mvcc/apply/outcome.js';
import type { RaftLog } from '../../../wal/raft-log.js';
import { entriesText } from './audit-log.js';
import type { AuditStep } from './log-finding.js';
import { namedEntry } from './named-entry.js';

export interface PartingSide {
  /** The name of the member for people. */
  readonly name: string;
  readonly raft: RaftLog;
  readonly applied: AppliedLog;
}

/** Compares two members up to the last entry that both have applied. */
export function* findParting(one: PartingSide, other: PartingSide): Iterable<AuditStep> {
  const from = Math.max(one.applied.firstIndex, other.applied.firstIndex);
  const to = Math.min(one.applied.lastIndex, other.applied.lastIndex);
  if (from > to) {
    yield { remark: { about: 'applied', text: 'the two members have no entry in common that both have applied' } };
    return;
  }
  const text = `${entriesText(from, to)} of ${one.name} and ${other.name} are compared`;
  yield { remark: { about: 'applied', text, from, to } };
  const others = other.raft.entries(from, to);
  for (const { index, term, type, data } of one.raft.entries(from, to)) {
    const next = others.next();
    const twin = next.done ? undefined : next.value;
    if (twin === undefined || twin.term !== term || twin.type !== type || !twin.data.equals(data)) {
      const entry = namedEntry(one.raft, index);
      const terms = twin === undefined || twin.term === term ? '' : `: term ${term} and term ${twin.term}`;
      const problem = `entry ${index}: ${one.name} and ${other.name} have different ones${terms}`;
      yield { finding: { kind: 'entry', index, entry, problem } };
      return;
    }
    const [ours, theirs] = [one.applied.outcomeOf(index), other.applied.outcomeOf(index)];
    if (ours?.revision === theirs?.revision) continue;
    const problem = `entry ${index}: ${outcomeText(one.name, ours)}, and ${outcomeText(other.name, theirs)}`;
    yield { finding: { kind: 'parting', index, entry: namedEntry(one.raft, index), problem } };
    return;
  }
}

function outcomeText(name: string, outcome: Outcome | undefined): string {
  if (outcome?.revision !== undefined) return `${name} has made revision ${outcome.revision} of it`;
  return `${name} has made no revision of it (${outcome?.reason})`;
}
