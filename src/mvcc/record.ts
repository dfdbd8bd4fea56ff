// The records of the `key` table. Each change is one record, in revision order.

import { MvccwError } from '../errors.js';
import type { ReadTable } from './backend.js';
import { decodeKeyValue, type KeyValue, type KeyValueFields, readKeyValueFields } from './key-value.js';
import { decodeRevisionKey, formatRevision, MAX_REVISION, type RevisionKey, revisionKeyBound } from './revision.js';

export class StoredRecord implements RevisionKey {
  readonly main: number;
  readonly sub: number;
  readonly tombstone: boolean;
  private decodedKey: string | undefined;
  private decodedValue: KeyValue | undefined;
  private created = 0;
  private putCount = 0;

  constructor(
    readonly keyBytes: Buffer,
    readonly valueBytes: Buffer,
  ) {
    const revision = decodeRevisionKey(keyBytes);
    this.main = revision.main;
    this.sub = revision.sub;
    this.tombstone = revision.tombstone;
  }

  // Each of these four reads and checks the whole record, if none did before. It throws CORRUPT if the record cannot be
  // read or contradicts itself.

  /** The user key; '' in the empty record that `etcdutl snapshot restore --bump-revision` writes. */
  get key(): string {
    return this.decodedKey ?? this.read();
  }

  /** 0 in a tombstone. */
  get createRevision(): number {
    if (this.decodedKey === undefined) this.read();
    return this.created;
  }

  /** 0 in a tombstone. */
  get version(): number {
    if (this.decodedKey === undefined) this.read();
    return this.putCount;
  }

  keyValue(): KeyValue {
    if (this.decodedKey === undefined) this.read();
    this.decodedValue ??= decodeKeyValue(this.valueBytes);
    return this.decodedValue;
  }

  /** Checks the record and returns its key. */
  private read(): string {
    const fields = this.fields();
    const problem = this.contradiction(fields);
    if (problem !== undefined) throw new MvccwError('CORRUPT', `${this.name}: ${problem}`);
    const { keyStart, keyEnd, createRevision, version } = fields;
    this.created = createRevision;
    this.putCount = version;
    this.decodedKey = this.valueBytes.toString('latin1', keyStart, keyEnd);
    return this.decodedKey;
  }

  private fields(): KeyValueFields {
    try {
      return readKeyValueFields(this.valueBytes);
    } catch (error) {
      throw error instanceof MvccwError ? error.under(this.name) : error;
    }
  }

  /** Whether it is the record of a bumped revision, which changes no key. */
  get isEmpty(): boolean {
    return this.valueBytes.length === 0;
  }

  private get name(): string {
    return `revision ${formatRevision(this)}`;
  }

  private contradiction(fields: KeyValueFields): string | undefined {
    if (this.isEmpty) return undefined;
    const { createRevision, modRevision, version } = fields;
    if (fields.keyStart === fields.keyEnd) return 'its record has no key';
    if (this.tombstone) {
      const more = createRevision > 0 || modRevision > 0 || version > 0 || fields.hasValue || fields.hasLease;
      return more ? 'its record is of a deletion, and holds more than the key' : undefined;
    }
    if (modRevision !== this.main) return `its record says modRevision ${modRevision}`;
    const created = version === 1 ? createRevision === modRevision : createRevision <= modRevision;
    if (version < 1 || createRevision < 1 || !created) {
      return `its record says version ${version} since createRevision ${createRevision}`;
    }
    return undefined;
  }
}

/** Yields the records with main from `fromMain` to `toMain`, both included, in order. */
export function* recordsBetween(table: ReadTable, fromMain: number, toMain: number): Iterable<StoredRecord> {
  if (fromMain > toMain) return;
  const range = { gte: revisionKeyBound(fromMain), lt: revisionKeyBound(toMain + 1) };
  for (const entry of table.entries(range)) yield new StoredRecord(entry.key, entry.value);
}

export function allRecords(table: ReadTable): Iterable<StoredRecord> {
  return recordsBetween(table, 0, MAX_REVISION);
}

/** The lowest revision of a change: an empty store is at revision 1. */
export const FIRST_MAIN = 2;

/**
 * Does what recordsBetween does, but throws CORRUPT if a change is missing, also at either end: above the compact
 * revision there is no gap, because each write transaction has the next revision and only compaction deletes. Only
 * `etcdutl snapshot restore --bump-revision` skips revisions, and writes an empty record after them. `toMain` is at most
 * the newest revision.
 */
export function* recordsInSequence(
  table: ReadTable,
  fromMain: number,
  toMain: number,
  compactRev: number,
): Iterable<StoredRecord> {
  if (fromMain > toMain) return;
  let main = Math.max(fromMain, compactRev + 1, FIRST_MAIN) - 1;
  let nextSub = 0;
  // Whether revisions were skipped just before the first one that is read, or compacted up to the last, is not known.
  let knowsBefore = main < FIRST_MAIN;
  for (const record of recordsBetween(table, fromMain, toMain)) {
    if (record.main > compactRev) {
      const follows = record.main === main ? record.sub === nextSub : record.main === main + 1 && record.sub === 0;
      if (!follows && !skipsRevisions(record, main)) throw missingBefore(record, main, nextSub);
      if (follows && record.isEmpty && knowsBefore) throw emptyRecord(record);
      knowsBefore = true;
      main = record.main;
      nextSub = record.sub + 1;
    }
    yield record;
  }
  if (main < toMain) checkNothingMissing(table, main, toMain);
}

/** Returns whether it is the empty record that follows revisions which were skipped. */
export function skipsRevisions(record: StoredRecord, lastMain: number): boolean {
  return record.isEmpty && record.main > lastMain + 1;
}

/** Throws CORRUPT unless the revisions from the last one that was read up to `toMain` were skipped. */
function checkNothingMissing(table: ReadTable, lastMain: number, toMain: number): void {
  for (const { key, value } of table.entries({ gte: revisionKeyBound(toMain + 1) })) {
    const next = new StoredRecord(key, value);
    if (skipsRevisions(next, lastMain)) return;
    throw missingBefore(next, lastMain, 0);
  }
  throw new MvccwError('CORRUPT', `revision ${lastMain + 1}_0 is missing: no record follows up to ${toMain}`, {
    hint: HINT_MISSING,
  });
}

const HINT_MISSING =
  'the file is damaged: each revision above the compaction has its records. etcd opens such a file, and answers as if the missing changes had never been made';

function missingBefore(record: StoredRecord, main: number, nextSub: number): MvccwError {
  const missing = formatRevision(record.main === main ? { main, sub: nextSub } : { main: main + 1, sub: 0 });
  return new MvccwError('CORRUPT', `revision ${missing} is missing: ${formatRevision(record)} is next`, {
    hint: HINT_MISSING,
  });
}

function emptyRecord(record: StoredRecord): MvccwError {
  return new MvccwError('CORRUPT', `revision ${formatRevision(record)}: its record is empty`, {
    hint: 'the file is damaged: a record is empty only behind revisions that a restore has skipped',
  });
}

/** Returns a record as the event that watchers get. A DELETE carries only the key and its modRevision. */
export interface WatchEvent {
  readonly type: 'PUT' | 'DELETE';
  readonly kv: KeyValue;
}

export function eventOf(record: StoredRecord): WatchEvent {
  const kv = record.keyValue();
  return record.tombstone ? { type: 'DELETE', kv: { ...kv, modRevision: record.main } } : { type: 'PUT', kv };
}
