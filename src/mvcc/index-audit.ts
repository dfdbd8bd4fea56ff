// An IndexAudit compares entries of the key index with records, in both directions.

import { quoteKey } from '../bytes/key-text.js';
import type { Entry, ReadTable } from './backend.js';
import {
  decodeState,
  encodeState,
  fullKeyInState,
  HISTORY,
  historySlot,
  KeyIndexReader,
  type KeyState,
  LATEST,
  STATE_BYTES,
  stateAfterDelete,
  stateAfterPut,
  TOMBSTONE_FLAG,
} from './key-index.js';
import { decodeShortSlot } from './key-slot.js';
import type { StoredRecord } from './record.js';
import { decodeRevisionKey, encodeRevisionKey, formatRevision, type Revision } from './revision.js';

const REVISION_BYTES = 17;

/** The bytes of a state that only say its revision and whether it is a tombstone. */
const REVISION_IN_STATE_BYTES = 17;

/** What an entry says of itself. */
export interface IndexPointer {
  readonly revision: Revision;
  readonly tombstone: boolean;
  /** The key, where the entry has all of it. */
  readonly key: string | undefined;
}

export class IndexAudit extends KeyIndexReader {
  constructor(table: ReadTable) {
    super(table);
  }

  /** Returns what is wrong with the entry of a record, or of its key; undefined if nothing is. */
  problemOf(record: StoredRecord): string | undefined {
    const slot = this.slot(record.key);
    const bytes = this.table.get(slot);
    if (bytes === undefined) return 'the index does not have the key';
    if (bytes.length < STATE_BYTES) return 'the entry of its newest revision is too short';
    const latest = decodeState(bytes);
    const order = compareRevisions(latest, record);
    if (order < 0) return `the index ends at revision ${formatRevision(latest)}`;
    if (order === 0) return this.isStateOf(bytes, record) ? undefined : 'the index has another version or form of it';
    const older = this.table.get(Buffer.concat([historySlot(slot), encodeRevisionKey(record)]));
    if (older === undefined) return 'the index does not have it';
    return older.equals(flagsOf(record))
      ? undefined
      : `the index takes it for a ${record.tombstone ? 'put' : 'deletion'}`;
  }

  /** Returns what an entry points at; undefined if it has not the form of an entry. */
  pointerOf({ key: slot, value }: Entry): IndexPointer | undefined {
    const region = slot.toString('latin1', 0, 1);
    if (region === LATEST) {
      if (value.length < STATE_BYTES) return undefined;
      const { main, sub, tombstone } = decodeState(value);
      return { revision: { main, sub }, tombstone, key: fullKeyInState(value) ?? decodeShortSlot(LATEST, slot) };
    }
    if (region !== HISTORY || slot.length < REVISION_BYTES) return undefined;
    try {
      const { main, sub } = decodeRevisionKey(slot.subarray(slot.length - REVISION_BYTES));
      return { revision: { main, sub }, tombstone: value[0] === TOMBSTONE_FLAG, key: undefined };
    } catch {
      return undefined;
    }
  }

  /** Returns why an entry cannot be the one for the record at its revision, whatever else it says; undefined if it can. */
  strayProblem({ key: entryKey }: Entry, record: StoredRecord): string | undefined {
    const slot = this.slot(record.key);
    if (entryKey.equals(slot)) return undefined;
    const ownSlot = Buffer.concat([historySlot(slot), encodeRevisionKey(record)]);
    if (!entryKey.equals(ownSlot)) return `is of key ${quoteKey(record.key)}`;
    const latest = this.table.get(slot);
    const isTwice =
      latest !== undefined && latest.length >= STATE_BYTES && compareRevisions(decodeState(latest), record) === 0;
    return isTwice ? 'is in the index twice' : undefined;
  }

  private isStateOf(bytes: Buffer, record: StoredRecord): boolean {
    const { key, main, sub, tombstone, createRevision, version } = record;
    const wanted = encodeState(key, { main, sub, tombstone, createRevision, version });
    // etcd's filler records have no key, and no version to count.
    if (key === '') return bytes.compare(wanted, 0, REVISION_IN_STATE_BYTES, 0, REVISION_IN_STATE_BYTES) === 0;
    if (bytes.equals(wanted)) return true;
    const counted = this.countedState(key);
    return counted !== undefined && bytes.equals(encodeState(key, counted));
  }

  /**
   * Returns the state of a key as a restart counts it: a generation that has lost its first put (LostRecordError in
   * range.ts) begins with what is left. Undefined if the index does not say where the generation begins.
   */
  private countedState(key: string): KeyState | undefined {
    let state: KeyState | undefined;
    for (const revision of this.history(key)) {
      if (revision.tombstone) state = stateAfterDelete(revision);
      else if (state !== undefined) state = stateAfterPut(state, revision);
    }
    return state;
  }
}

function flagsOf({ tombstone }: StoredRecord): Buffer {
  return Buffer.from([tombstone ? TOMBSTONE_FLAG : 0]);
}

function compareRevisions(a: Revision, b: Revision): number {
  return a.main - b.main || a.sub - b.sub;
}
