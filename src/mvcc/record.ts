// The records of the `key` table. Each change is one record, in revision order.

import { MvccwError } from '../errors.js';
import type { ReadTable } from './backend.js';
import { decodeKeyOf, decodeKeyValue, type KeyValue } from './key-value.js';
import { decodeRevisionKey, formatRevision, type RevisionKey, revisionKeyBound } from './revision.js';

export class StoredRecord implements RevisionKey {
  readonly main: number;
  readonly sub: number;
  readonly tombstone: boolean;
  private decodedKey: string | undefined;
  private decodedValue: KeyValue | undefined;

  constructor(
    readonly keyBytes: Buffer,
    readonly valueBytes: Buffer,
  ) {
    const revision = decodeRevisionKey(keyBytes);
    this.main = revision.main;
    this.sub = revision.sub;
    this.tombstone = revision.tombstone;
  }

  /** The user key; '' in the empty record that `etcdutl snapshot restore --bump-revision` writes. */
  get key(): string {
    this.decodedKey ??= this.decode(decodeKeyOf);
    return this.decodedKey;
  }

  /** Decodes the record. Throws CORRUPT if it cannot be read or contradicts itself. */
  keyValue(): KeyValue {
    this.decodedValue ??= this.decodeWhole();
    return this.decodedValue;
  }

  private decodeWhole(): KeyValue {
    const kv = this.decode(decodeKeyValue);
    const problem = this.contradiction(kv);
    if (problem !== undefined) throw new MvccwError('CORRUPT', `revision ${formatRevision(this)}: ${problem}`);
    return kv;
  }

  private contradiction({ key, createRevision, modRevision, version }: KeyValue): string | undefined {
    if (this.valueBytes.length === 0) return undefined;
    if (key === '') return 'its record has no key';
    if (this.tombstone) return undefined;
    if (modRevision !== this.main) return `its record says modRevision ${modRevision}`;
    const created = version === 1 ? createRevision === modRevision : createRevision <= modRevision;
    if (version < 1 || createRevision < 1 || !created) {
      return `its record says version ${version} since createRevision ${createRevision}`;
    }
    return undefined;
  }

  /** Returns what the decoder makes of the value. An error of the decoder gets the name of the record. */
  private decode<T>(decoder: (bytes: Buffer) => T): T {
    try {
      return decoder(this.valueBytes);
    } catch (error) {
      if (!(error instanceof MvccwError)) throw error;
      throw error.under(`revision ${formatRevision(this)}`);
    }
  }
}

/** Yields the records with main from `fromMain` to `toMain`, both included, in order. */
export function* recordsBetween(table: ReadTable, fromMain: number, toMain: number): Iterable<StoredRecord> {
  if (fromMain > toMain) return;
  const range = { gte: revisionKeyBound(fromMain), lt: revisionKeyBound(toMain + 1) };
  for (const entry of table.entries(range)) yield new StoredRecord(entry.key, entry.value);
}

export function allRecords(table: ReadTable): Iterable<StoredRecord> {
  return recordsBetween(table, 0, Number.MAX_SAFE_INTEGER - 1);
}

/** The lowest revision of a change: an empty store is at revision 1. */
const FIRST_MAIN = 2;

/**
 * Does what recordsBetween does, but throws CORRUPT if a change is missing: above the compact revision there is no gap.
 * Only `etcdutl snapshot restore --bump-revision` skips revisions, and writes an empty record after them.
 */
export function* recordsInSequence(
  table: ReadTable,
  fromMain: number,
  toMain: number,
  compactRev: number,
): Iterable<StoredRecord> {
  let main = Math.max(fromMain, compactRev + 1, FIRST_MAIN) - 1;
  let nextSub = 0;
  for (const record of recordsBetween(table, fromMain, toMain)) {
    if (record.main > compactRev) {
      const follows = record.main === main ? record.sub === nextSub : record.main === main + 1 && record.sub === 0;
      if (!follows && record.valueBytes.length > 0) throw missingBefore(record, main, nextSub);
      main = record.main;
      nextSub = record.sub + 1;
    }
    yield record;
  }
}

function missingBefore(record: StoredRecord, main: number, nextSub: number): MvccwError {
  const missing = formatRevision(record.main === main ? { main, sub: nextSub } : { main: main + 1, sub: 0 });
  return new MvccwError('CORRUPT', `revision ${missing} is missing: ${formatRevision(record)} is next`, {
    hint: 'revisions follow one another; the file is damaged',
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
