// Holds what a log gives against the records of the database beside it, which has applied the same entries. Of what the
// database was compacted from, only what is left can be compared:
//
//   database, compacted at 4    1: x   ·      3: y   ·      5: x   6: z
//   log                         1: x   2: y   3: y   4: x   5: x   6: z        each record that is left is in the log,
//                                                                              and above 4 there is no other one

import type { Entry, ReadTable } from '../../mvcc/backend.js';
import { StoredRecord } from '../../mvcc/record.js';
import { decodeRevisionKey, type Revision, revisionKeyBound } from '../../mvcc/revision.js';

/** What is compared, of one moment: the database, and the log up to the entry that the database has applied last. */
export interface ComparedRecords {
  readonly log: ReadTable;
  readonly database: ReadTable;
  /** The newest revision of each. */
  readonly logRev: number;
  readonly databaseRev: number;
  /** The compact revision of the database. */
  readonly compactRev: number;
}

export interface RecordDifference {
  readonly revision: Revision;
  /** The record there; undefined where there is none. */
  readonly inLog: StoredRecord | undefined;
  readonly inDatabase: StoredRecord | undefined;
}

/** Returns the first revision at which they differ; undefined if they do not. Throws CORRUPT for what cannot be read. */
export function firstDifference(compared: ComparedRecords): RecordDifference | undefined {
  const { log, database, logRev, databaseRev, compactRev } = compared;
  const toRev = Math.min(logRev, databaseRev);
  const left = revisionKeyBound(Math.min(compactRev, toRev) + 1);
  for (const entry of database.entries({ lt: left })) {
    const value = log.get(entry.key);
    if (value === undefined || !value.equals(entry.value)) return differenceOf(withValue(entry, value), entry);
  }
  // One revision more shows what the longer one has there.
  const range = { gte: left, lt: revisionKeyBound(toRev + 2) };
  const [ofLog, ofDatabase] = [log.entries(range)[Symbol.iterator](), database.entries(range)[Symbol.iterator]()];
  try {
    for (;;) {
      const a = withinRev(ofLog.next().value, logRev);
      const b = withinRev(ofDatabase.next().value, databaseRev);
      if (a === undefined && b === undefined) break;
      if (a === undefined || b === undefined || !a.key.equals(b.key) || !a.value.equals(b.value)) {
        return differenceOf(a, b);
      }
    }
  } finally {
    ofLog.return?.();
    ofDatabase.return?.();
  }
  if (logRev === databaseRev) return undefined;
  return { revision: { main: toRev + 1, sub: 0 }, inLog: undefined, inDatabase: undefined };
}

function withValue({ key }: Entry, value: Buffer | undefined): Entry | undefined {
  return value === undefined ? undefined : { key, value };
}

function withinRev(entry: Entry | undefined, newestRev: number): Entry | undefined {
  return entry === undefined || decodeRevisionKey(entry.key).main > newestRev ? undefined : entry;
}

/** At least one of the two is there. The earlier one is the difference. */
function differenceOf(inLog: Entry | undefined, inDatabase: Entry | undefined): RecordDifference {
  const order = inLog === undefined ? 1 : inDatabase === undefined ? -1 : inLog.key.compare(inDatabase.key);
  const { main, sub } = decodeRevisionKey((order <= 0 ? inLog! : inDatabase!).key);
  return {
    revision: { main, sub },
    inLog: order > 0 ? undefined : recordOf(inLog),
    inDatabase: order < 0 ? undefined : recordOf(inDatabase),
  };
}

function recordOf(entry: Entry | undefined): StoredRecord | undefined {
  return entry === undefined ? undefined : new StoredRecord(entry.key, entry.value);
}
