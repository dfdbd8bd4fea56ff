// Reads records in sequence: above the compact revision there is no gap, because each write transaction has the next
// revision and only compaction deletes. Only `etcdutl snapshot restore --bump-revision` skips revisions, and writes an
// empty record after them.

import { MvccwError } from '../errors.js';
import type { ReadTable } from './backend.js';
import { recordsBetween, StoredRecord } from './record.js';
import { formatRevision, type Revision, revisionKeyBound } from './revision.js';

/** The lowest revision of a change: an empty store is at revision 1. */
const FIRST_MAIN = 2;

const HINT_MISSING =
  'the file is damaged: each revision above the compaction has its records. etcd opens such a file, and answers as if the missing changes had never been made';
const HINT_EMPTY = 'the file is damaged: a record is empty only behind revisions that a restore has skipped';
const HINT_BELOW = 'the file is damaged: the first change of a store has the revision after that of an empty store, 1';

/** What is wrong with a sequence. */
export interface SequenceProblem {
  /** The revision that is missing, or whose record cannot be there. */
  readonly revision: Revision;
  readonly text: string;
  readonly hint: string;
}

/** Follows records in order, and tells what is wrong between them. Behind a problem it goes on from the next record. */
export class RecordSequence {
  private lastMain: number;
  private nextSub = 0;
  /** Whether it is known if revisions were skipped just before the next record. */
  private knowsBefore: boolean;
  /** Whether it is not known which record is next. */
  private isLost = false;

  /** The first record has at least the revision `fromMain`. What is not above `compactRev` is not judged. */
  constructor(
    fromMain: number,
    private readonly compactRev: number,
  ) {
    this.lastMain = Math.max(fromMain, compactRev + 1, FIRST_MAIN) - 1;
    this.knowsBefore = this.lastMain < FIRST_MAIN;
  }

  /** Goes on to a record, and returns what is wrong just before it or with its place; undefined if nothing is. */
  follow(record: StoredRecord): SequenceProblem | undefined {
    if (record.main <= this.compactRev) return undefined;
    const problem = this.problemAt(record);
    this.lastMain = record.main;
    this.nextSub = record.sub + 1;
    this.knowsBefore = true;
    this.isLost = false;
    return problem;
  }

  /** Goes on behind records that cannot be read: whichever is next follows. */
  skip(): void {
    this.isLost = true;
  }

  private problemAt(record: StoredRecord): SequenceProblem | undefined {
    const { main, sub } = record;
    const { lastMain, nextSub } = this;
    if (main < FIRST_MAIN) return problemOf(record, 'no change has a revision below 2_0', HINT_BELOW);
    if (this.isLost) return undefined;
    const follows = main === lastMain ? sub === nextSub : main === lastMain + 1 && sub === 0;
    if (follows && record.isEmpty && this.knowsBefore) return problemOf(record, 'its record is empty', HINT_EMPTY);
    return follows || this.isSkipped(record) ? undefined : this.missingBefore(record);
  }

  private isSkipped(record: StoredRecord): boolean {
    return record.isEmpty && record.main > this.lastMain + 1;
  }

  private missingBefore(record: StoredRecord): SequenceProblem {
    const { lastMain, nextSub } = this;
    const revision = record.main === lastMain ? { main: lastMain, sub: nextSub } : { main: lastMain + 1, sub: 0 };
    const text = `revision ${formatRevision(revision)} is missing: ${formatRevision(record)} is next`;
    return { revision, text, hint: HINT_MISSING };
  }

  /** Whether revisions up to `toMain` have not come, so that the record behind them has to be looked at. */
  isBefore(toMain: number): boolean {
    return this.lastMain < toMain;
  }

  /** Returns what is wrong if no other record up to `toMain` comes; `next` is the first one behind, if there is one. */
  end(toMain: number, next: StoredRecord | undefined): SequenceProblem | undefined {
    if (next !== undefined) return this.isSkipped(next) ? undefined : this.missingBefore(next);
    const revision = { main: this.lastMain + 1, sub: 0 };
    const text = `revision ${formatRevision(revision)} is missing: no record follows up to ${toMain}`;
    return { revision, text, hint: HINT_MISSING };
  }
}

function problemOf(record: StoredRecord, problem: string, hint: string): SequenceProblem {
  const { main, sub } = record;
  return { revision: { main, sub }, text: `revision ${formatRevision(record)}: ${problem}`, hint };
}

/**
 * Does what recordsBetween does, but throws CORRUPT if a change is missing, also at either end. `toMain` is at most the
 * newest revision.
 */
export function* recordsInSequence(
  table: ReadTable,
  fromMain: number,
  toMain: number,
  compactRev: number,
): Iterable<StoredRecord> {
  if (fromMain > toMain) return;
  const sequence = new RecordSequence(fromMain, compactRev);
  for (const record of recordsBetween(table, fromMain, toMain)) {
    throwIfAny(sequence.follow(record));
    yield record;
  }
  if (sequence.isBefore(toMain)) throwIfAny(sequence.end(toMain, firstBehind(table, toMain)));
}

function firstBehind(table: ReadTable, main: number): StoredRecord | undefined {
  for (const { key, value } of table.entries({ gte: revisionKeyBound(main + 1) })) return new StoredRecord(key, value);
  return undefined;
}

function throwIfAny(problem: SequenceProblem | undefined): void {
  if (problem !== undefined) throw new MvccwError('CORRUPT', problem.text, { hint: problem.hint });
}
