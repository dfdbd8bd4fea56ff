// Checks the records of the `key` table against one another: none is missing above the compact revision, and those of a
// key follow from one another.

import { HistoryCheck } from '../../mvcc/history-check.js';
import type { StoredRecord } from '../../mvcc/record.js';
import { RecordSequence } from '../../mvcc/record-sequence.js';
import { problemIn } from './finding.js';
import type { NewestRecord } from './newest-records.js';
import type { Found, RecordVisitor } from './record-pass.js';

/** Finds the revisions that are missing. */
export class SequenceVisitor implements RecordVisitor {
  private readonly sequence: RecordSequence;

  constructor(compactRev: number) {
    this.sequence = new RecordSequence(0, compactRev);
  }

  follow(record: StoredRecord, found: Found): void {
    const gap = this.sequence.follow(record);
    if (gap !== undefined) found({ kind: 'history', table: 'key', revision: gap.revision, problem: gap.text });
  }

  skip(): void {
    this.sequence.skip();
  }
}

/** Compared with all revisions, a record is judged by itself. */
const ALL_COMPACTED = Number.POSITIVE_INFINITY;

/** Finds the records that do not follow from those of their key before. Behind one, it goes on from what it says. */
export class HistoryVisitor implements RecordVisitor {
  private readonly history: HistoryCheck;
  private readonly alone = new HistoryCheck(ALL_COMPACTED);
  private lastMain = 0;
  /** Records up to here, and of any key, may be missing. */
  private skippedMain: number | undefined;

  constructor(compactRev: number) {
    this.history = new HistoryCheck(compactRev);
  }

  visit(record: StoredRecord, before: NewestRecord | undefined, found: Found): void {
    const { main, sub } = record;
    const isUnsure = this.skippedMain !== undefined && (before?.main ?? 0) <= this.skippedMain;
    try {
      if (isUnsure) this.alone.check(record, undefined);
      else this.history.check(record, before);
    } catch (error) {
      found({ kind: 'history', table: 'key', revision: { main, sub }, key: record.key, problem: problemIn(error) });
    }
    this.lastMain = main;
  }

  skip(): void {
    this.skippedMain = this.lastMain;
  }
}
