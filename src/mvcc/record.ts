// The records of the `key` table. Each change is one record, in revision order.

import { MvccwError } from '../errors.js';
import type { ReadTable } from './backend.js';
import { type KeyValue, type KeyValueFields, readKeyValueFields } from './key-value.js';
import { decodeRevisionKey, formatRevision, MAX_REVISION, type RevisionKey, revisionKeyBound } from './revision.js';

export class StoredRecord implements RevisionKey {
  readonly main: number;
  readonly sub: number;
  readonly tombstone: boolean;
  private decodedKey: string | undefined;
  private decodedValue: KeyValue | undefined;
  private created = 0;
  private putCount = 0;
  private valueStart = 0;
  private valueEnd = 0;
  private leaseId = 0n;

  constructor(
    readonly keyBytes: Buffer,
    readonly valueBytes: Buffer,
  ) {
    const revision = decodeRevisionKey(keyBytes);
    this.main = revision.main;
    this.sub = revision.sub;
    this.tombstone = revision.tombstone;
  }

  // Each of these six reads and checks the whole record, if none did before. It throws CORRUPT if the record cannot be
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

  /** 0 if there is none. */
  get lease(): bigint {
    if (this.decodedKey === undefined) this.read();
    return this.leaseId;
  }

  /** The number of bytes of the value; 0 in a tombstone. */
  get valueLength(): number {
    if (this.decodedKey === undefined) this.read();
    return this.valueEnd - this.valueStart;
  }

  /** The value is a view of the record's bytes. */
  keyValue(): KeyValue {
    const { key } = this;
    this.decodedValue ??= {
      key,
      createRevision: this.created,
      modRevision: this.tombstone || this.isEmpty ? 0 : this.main,
      version: this.putCount,
      value: this.valueBytes.subarray(this.valueStart, this.valueEnd),
      lease: this.leaseId,
    };
    return this.decodedValue;
  }

  /** Checks the record and returns its key. */
  private read(): string {
    const fields = this.fields();
    const problem = this.contradiction(fields);
    if (problem !== undefined) throw new MvccwError('CORRUPT', `${this.name}: ${problem}`);
    const { keyStart, keyEnd } = fields;
    this.created = fields.createRevision;
    this.putCount = fields.version;
    this.valueStart = fields.valueStart;
    this.valueEnd = fields.valueEnd;
    this.leaseId = fields.lease;
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
      const more = createRevision > 0 || modRevision > 0 || version > 0 || fields.valueEnd > 0 || fields.lease !== 0n;
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

/** Returns a record as the event that watchers get. A DELETE carries only the key and its modRevision. */
export interface WatchEvent {
  readonly type: 'PUT' | 'DELETE';
  readonly kv: KeyValue;
}

export function eventOf(record: StoredRecord): WatchEvent {
  const kv = record.keyValue();
  return record.tombstone ? { type: 'DELETE', kv: { ...kv, modRevision: record.main } } : { type: 'PUT', kv };
}
