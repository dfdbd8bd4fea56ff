// Checks what compaction has left against the marks that it writes. When it has finished at a revision, each key has at
// most its newest record up to there, and that is no deletion, unless it is at this very revision (keep-set.ts). A
// revision above all records can only be one up to which nothing was left to be deleted.

import { quoteKey } from '../../bytes/key-text.js';
import type { StoredRecord } from '../../mvcc/record.js';
import { formatRevision, type Revision } from '../../mvcc/revision.js';
import type { CompactionMarks } from '../../mvcc/store-state.js';
import type { Finding } from './finding.js';
import type { NewestRecord } from './newest-records.js';
import type { RecordVisitor } from './record-pass.js';

export class CompactionVisitor implements RecordVisitor {
  private readonly finished: number;
  /** The first record that compaction deletes, and says why. */
  private first: { readonly record: StoredRecord; readonly why: string } | undefined;
  private left = 0;
  private lastMain = 0;
  /** The first record that a compaction above all records deletes. */
  private deletable: Revision | undefined;

  constructor(private readonly marks: CompactionMarks) {
    this.finished = marks.finishedCompactRev ?? -1;
  }

  visit(record: StoredRecord, before: NewestRecord | undefined): void {
    const { main, tombstone, key } = record;
    this.lastMain = main;
    if (record.isEmpty) return;
    this.deletable ??= tombstone ? record : before;
    if (main > this.finished) return;
    if (tombstone && main < this.finished) this.leave(record, 'is a deletion');
    else if (before !== undefined && before.main < this.finished) {
      this.leave(record, `has ${formatRevision(before)} of the same key before it, ${quoteKey(key)}`);
    }
  }

  private leave(record: StoredRecord, why: string): void {
    this.left++;
    this.first ??= { record, why };
  }

  *end(): Iterable<Finding> {
    const { first, marks, left, deletable } = this;
    if (first !== undefined) {
      const { main, sub } = first.record;
      const problem =
        `compaction is recorded as finished at ${this.finished}, and has left what it deletes: revision ` +
        `${formatRevision(first.record)} ${first.why}${left > 1 ? `, and so it is with ${left - 1} more` : ''}`;
      yield { kind: 'marks', table: 'meta', revision: { main, sub }, problem };
      return;
    }
    const { scheduledCompactRev: scheduled = -1 } = marks;
    if (scheduled <= Math.max(this.lastMain, this.finished) || deletable === undefined) return;
    const problem =
      `compaction is recorded as scheduled at ${scheduled}, which is above the newest revision ${this.lastMain}, ` +
      `and yet it has left revision ${formatRevision(deletable)} to be deleted`;
    yield { kind: 'marks', table: 'meta', problem };
  }
}
