// Checks that the index follows from the records: each record has its entry, and no entry is without a record.

import { quoteKey } from '../../bytes/key-text.js';
import type { ReadBackend, ReadTable } from '../../mvcc/backend.js';
import { IndexAudit } from '../../mvcc/index-audit.js';
import { StoredRecord } from '../../mvcc/record.js';
import { encodeRevisionKey, formatRevision, type Revision } from '../../mvcc/revision.js';
import { type Finding, problemIn } from './finding.js';
import type { NewestRecord } from './newest-records.js';
import type { Found, RecordVisitor } from './record-pass.js';

export class IndexVisitor implements RecordVisitor {
  private readonly index: IndexAudit;
  private wanted = 0;
  private missing = 0;

  constructor(private readonly tables: ReadBackend['tables']) {
    this.index = new IndexAudit(tables.index);
  }

  visit(record: StoredRecord, _before: NewestRecord | undefined, found: Found): void {
    this.wanted++;
    const problem = this.index.problemOf(record);
    if (problem === undefined) return;
    this.missing++;
    const { main, sub, key } = record;
    found({
      kind: 'index',
      table: 'index',
      revision: { main, sub },
      key,
      problem: `key ${quoteKey(key)}, revision ${formatRevision(record)}: ${problem}`,
    });
  }

  *end(): Iterable<Finding> {
    let entries = 0;
    for (const _ of this.tables.index.entries()) entries++;
    // An entry for each record leaves none over.
    if (this.missing > 0 || entries !== this.wanted) yield* checkEntries(this.tables.key, this.tables.index);
  }
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

/** Returns the record at a revision; undefined for one that cannot be read, which is told elsewhere. */
function recordAt(table: ReadTable, revision: Revision, tombstone: boolean): StoredRecord | undefined {
  const key = encodeRevisionKey(revision, tombstone);
  const value = table.get(key);
  if (value === undefined) return undefined;
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
