// Checks the records of the `key` table: each can be read, none is missing above the compact revision, and those of a
// key follow from one another.

import type { ReadTable } from '../../mvcc/backend.js';
import { HistoryCheck, type KeyLife } from '../../mvcc/history-check.js';
import { StoredRecord } from '../../mvcc/record.js';
import { RecordSequence } from '../../mvcc/record-sequence.js';
import type { Revision } from '../../mvcc/revision.js';
import { type Finding, type FindingKind, problemIn } from './finding.js';

/** Without a compact revision that can be trusted, a record is only checked for itself. */
export function* checkRecords(table: ReadTable, compactRev: number | undefined): Iterable<Finding> {
  const sequence = compactRev === undefined ? undefined : new RecordSequence(0, compactRev);
  const histories = compactRev === undefined ? undefined : new Histories(compactRev);
  for (const { key, value } of table.entries()) {
    let record: StoredRecord;
    try {
      record = new StoredRecord(key, value);
    } catch (error) {
      yield { kind: 'record', table: 'key', entry: key, problem: problemIn(error) };
      continue;
    }
    const gap = sequence?.follow(record);
    if (gap !== undefined) yield { kind: 'history', table: 'key', revision: gap.revision, problem: gap.text };
    const unread = problemOf(record, 'record', () => record.key);
    const contradiction = unread ?? problemOf(record, 'history', () => histories?.check(record));
    if (contradiction !== undefined) yield contradiction;
  }
}

function problemOf(record: StoredRecord, kind: FindingKind, check: () => unknown): Finding | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return { kind, table: 'key', revision: revisionOf(record), problem: problemIn(error) };
  }
}

const revisionOf = ({ main, sub }: Revision): Revision => ({ main, sub });

/** Holds the records of each key against one another. Behind a contradiction it goes on from what the record says. */
class Histories {
  private readonly historyCheck: HistoryCheck;
  private readonly lives = new Map<string, KeyLife>();

  constructor(compactRev: number) {
    this.historyCheck = new HistoryCheck(compactRev);
  }

  check(record: StoredRecord): void {
    const { key, main, tombstone, createRevision, version } = record;
    const before = this.lives.get(key);
    this.lives.set(key, { main, tombstone, createRevision, version });
    this.historyCheck.check(record, before);
  }
}
