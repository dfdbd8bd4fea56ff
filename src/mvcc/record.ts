// The records of the `key` table: one for each change, in revision order.

import { MvccwError } from '../errors.js';
import type { ReadTable } from './backend.js';
import { decodeKeyOf, decodeKeyValue, type KeyValue } from './key-value.js';
import { decodeRevisionKey, formatRevision, type RevisionKey, revisionKeyBound } from './revision.js';

export class StoredRecord implements RevisionKey {
  readonly main: number;
  readonly sub: number;
  readonly tombstone: boolean;
  private decodedKey: string | undefined;

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

  keyValue(): KeyValue {
    return this.decode(decodeKeyValue);
  }

  /** Says in an error which record it was. */
  private decode<T>(decoder: (bytes: Buffer) => T): T {
    try {
      return decoder(this.valueBytes);
    } catch (error) {
      if (!(error instanceof MvccwError)) throw error;
      throw new MvccwError(error.code, `revision ${formatRevision(this)}: ${error.message}`, { cause: error });
    }
  }
}

/** The records with main from `fromMain` up to and with `toMain`, in order. */
export function* recordsBetween(table: ReadTable, fromMain: number, toMain: number): Iterable<StoredRecord> {
  if (fromMain > toMain) return;
  const range = { gte: revisionKeyBound(fromMain), lt: revisionKeyBound(toMain + 1) };
  for (const entry of table.entries(range)) yield new StoredRecord(entry.key, entry.value);
}

/** An event as watchers see it: a record with its meaning. A DELETE carries only the key and its modRevision. */
export interface WatchEvent {
  readonly type: 'PUT' | 'DELETE';
  readonly kv: KeyValue;
}

export function eventOf(record: StoredRecord): WatchEvent {
  const kv = record.keyValue();
  return record.tombstone ? { type: 'DELETE', kv: { ...kv, modRevision: record.main } } : { type: 'PUT', kv };
}
