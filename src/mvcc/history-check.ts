// Holds the records of each key against one another. Whatever compaction has taken, what is left of a key is its newest
// records without a gap, so that all but the first follow from the one before, as restore in kvstore.go counts them:
//
//   first record       above the compact revision: a put with version 1; else anything, but etcd's API puts a key only
//                      once a revision, so that there are at least as many revisions as versions
//   after a put        a put with the next version and the same createRevision, or a tombstone
//   after a tombstone  a put with version 1
//
// There is one exception, etcd's own: where a transaction has deleted a key and put it again, and the compaction was at
// this very revision, the put is lost while the process still counts on from it (LostRecordError in range.ts). Then a
// generation whose first records are missing follows the tombstone, and goes on either way after a restart.

import { KeyNumbers } from '../adt/key-numbers.js';
import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import { type KeyLife, LifeColumns } from './life-columns.js';
import type { StoredRecord } from './record.js';
import { formatRevision } from './revision.js';

export class HistoryCheck {
  /** The keys whose newest generation has lost its first records. */
  private readonly cut = new Set<string>();

  constructor(private readonly compactRev: number) {}

  /** Throws CORRUPT if a record cannot follow `before`, its key's last record; undefined if it is the first. */
  check(record: StoredRecord, before: KeyLife | undefined): void {
    if (record.isEmpty) return;
    const { main, tombstone, createRevision, version } = record;
    const isLost = before?.tombstone === true && before.main <= this.compactRev;
    if (before === undefined && main <= this.compactRev) {
      const revisions = main - createRevision + 1;
      if (!tombstone && version > revisions) throw wrongLife(record, `a key is put once a revision`);
      return;
    }
    if (before === undefined || before.tombstone) {
      if (tombstone && !isLost) throw contradiction(record, 'it deletes a key that is not there');
      if (tombstone || version === 1) this.cut.delete(record.key);
      else if (isLost && createRevision === before.main) this.cut.add(record.key);
      else throw wrongLife(record, 'the key was not there');
    } else if (tombstone) {
      this.cut.delete(record.key);
    } else if (version !== before.version + 1 || createRevision !== before.createRevision) {
      if (this.cut.has(record.key)) return;
      throw wrongLife(record, `at ${before.main} it was version ${before.version} since ${before.createRevision}`);
    }
  }
}

function wrongLife(record: StoredRecord, before: string): MvccwError {
  const { createRevision, version } = record;
  return contradiction(
    record,
    `its record says version ${version} since createRevision ${createRevision}, but ${before}`,
  );
}

function contradiction(record: StoredRecord, problem: string): MvccwError {
  return new MvccwError('CORRUPT', `revision ${formatRevision(record)}, key ${quoteKey(record.key)}: ${problem}`, {
    hint: 'the file is damaged: the records of a key follow from one another',
  });
}

type Read = (fromMain: number, toMain: number) => Iterable<StoredRecord>;

/**
 * Checks the records of a history, each when it is read for the first time. A read that begins behind what was checked
 * so far first checks what lies between.
 */
export class CheckedRecords {
  /** The numbers of the keys that were read so far, for readers that keep something of each key as well. */
  readonly keyNumbers = new KeyNumbers();
  private readonly check: HistoryCheck;
  private readonly lives = new LifeColumns();
  private checkedMain = 0;
  private checkedSub = Number.POSITIVE_INFINITY;

  constructor(
    private readonly read: Read,
    compactRev: number,
  ) {
    this.check = new HistoryCheck(compactRev);
  }

  *records(fromMain: number, toMain: number): Iterable<StoredRecord> {
    if (fromMain > toMain) return;
    const unchecked = this.checkedSub === Number.POSITIVE_INFINITY ? this.checkedMain + 1 : this.checkedMain;
    if (unchecked < fromMain) for (const record of this.read(unchecked, fromMain - 1)) this.see(record);
    for (const record of this.read(fromMain, toMain)) {
      this.see(record);
      yield record;
    }
    if (toMain > this.checkedMain) this.checkedMain = toMain;
    if (toMain === this.checkedMain) this.checkedSub = Number.POSITIVE_INFINITY;
  }

  private see(record: StoredRecord): void {
    const { main, sub } = record;
    if (main < this.checkedMain || (main === this.checkedMain && sub <= this.checkedSub)) return;
    const number = this.keyNumbers.add(record.key);
    this.check.check(record, this.lives.at(number));
    this.lives.set(number, record);
    this.checkedMain = main;
    this.checkedSub = sub;
  }
}
