// Checks that the index follows from the records: each record has its entry, and no entry is without a record.

import { quoteKey } from '../../bytes/key-text.js';
import type { ReadBackend, ReadTable } from '../../mvcc/backend.js';
import { IndexAudit } from '../../mvcc/index-audit.js';
import { StoredRecord } from '../../mvcc/record.js';
import { encodeRevisionKey, formatRevision, type Revision } from '../../mvcc/revision.js';
import { type Finding, problemIn } from './finding.js';

export function* checkIndex({ tables }: ReadBackend): Iterable<Finding> {
  const index = new IndexAudit(tables.index);
  let wanted = 0;
  let missing = 0;
  for (const record of readableRecords(tables.key)) {
    wanted++;
    const { main, sub, key } = record;
    const problem = index.problemOf(record);
    if (problem === undefined) continue;
    missing++;
    yield {
      kind: 'index',
      table: 'index',
      revision: { main, sub },
      key,
      problem: `key ${quoteKey(key)}, revision ${formatRevision(record)}: ${problem}`,
    };
  }
  let entries = 0;
  for (const _ of tables.index.entries()) entries++;
  // An entry for each record leaves none over.
  if (missing > 0 || entries !== wanted) yield* checkEntries(tables.key, tables.index);
}

/** Finds the entries that no record has. */
function* checkEntries(records: ReadTable, table: ReadTable): Iterable<Finding> {
  const index = new IndexAudit(table);
  for (const entry of table.entries()) {
    const pointer = index.pointerOf(entry);
    if (pointer === undefined) {
      yield {
        kind: 'index',
        table: 'index',
        entry: entry.key,
        problem: `index entry ${entry.key.toString('hex')} has no form that an entry has`,
      };
      continue;
    }
    const { revision, key } = pointer;
    const record = recordAt(records, revision, pointer.tombstone);
    const problem = record === undefined ? 'has no record' : index.strayProblem(entry, record);
    if (problem === undefined) continue;
    const name = key === undefined ? entry.key.toString('hex') : `of key ${quoteKey(key)}`;
    yield {
      kind: 'index',
      table: 'index',
      entry: entry.key,
      revision,
      ...(key !== undefined && { key }),
      problem: `index entry ${name}: revision ${formatRevision(revision)} ${problem}`,
    };
  }
}

function recordAt(table: ReadTable, revision: Revision, tombstone: boolean): StoredRecord | undefined {
  const key = encodeRevisionKey(revision, tombstone);
  const value = table.get(key);
  return value === undefined ? undefined : readable(key, value);
}

function* readableRecords(table: ReadTable): Iterable<StoredRecord> {
  for (const { key, value } of table.entries()) {
    const record = readable(key, value);
    if (record !== undefined) yield record;
  }
}

/** Returns the record of an entry; undefined for one that cannot be read, which is told elsewhere. */
export function readable(key: Buffer, value: Buffer): StoredRecord | undefined {
  try {
    const record = new StoredRecord(key, value);
    // Its key is only there if the whole of it can be read.
    void record.key;
    return record;
  } catch (error) {
    problemIn(error);
    return undefined;
  }
}
