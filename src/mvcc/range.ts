// Reads of one key, a range or a prefix, at the newest or another revision. Follows rangeKeys in kvstore_txn.go.

import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import type { ReadTable } from './backend.js';
import type { KeyRange } from './key-range.js';
import type { KeyValue } from './key-value.js';
import { StoredRecord } from './record.js';
import { encodeRevisionKey, formatRevision, type Revision } from './revision.js';
import type { StoreState } from './store-state.js';
import { checkRevision } from './window.js';

export interface RangeRequest {
  readonly key: string;
  /** The end of [key, end). Without it the range is the one key; '' is no end. */
  readonly end?: string | undefined;
  /** The revision to read at; 0 or less means the newest. */
  readonly rev?: number | undefined;
  /** The maximum number of records; 0 or less means all. */
  readonly limit?: number | undefined;
  readonly countOnly?: boolean | undefined;
  /** Whether the values of a range are not wanted; they are then empty. */
  readonly withoutValues?: boolean | undefined;
}

export interface RangeResult {
  /** The current revision of the store, not the one that was read at. */
  readonly revision: number;
  /** The number of keys in the range, whatever the limit. */
  readonly count: number;
  readonly kvs: KeyValue[];
}

/** A key, and the revision that a read sees. */
export interface FoundKey {
  readonly key: string;
  readonly revision: Revision;
}

/** Finds the keys of a range that a read at a revision sees, in order. */
export type FindKeys = (range: KeyRange, atRev: number) => Iterable<FoundKey>;

/** Returns the record of a key at a revision that the index names, or throws CORRUPT. */
function recordAt(keyTable: ReadTable, key: string, revision: Revision): KeyValue {
  const revisionKey = encodeRevisionKey(revision);
  const bytes = keyTable.get(revisionKey);
  if (bytes === undefined) throw new LostRecordError(key, revision);
  const kv = new StoredRecord(revisionKey, bytes).keyValue();
  if (kv.key !== key) {
    const where = `revision ${formatRevision(revision)}`;
    throw new MvccwError(
      'CORRUPT',
      `${where}: its record is of key ${quoteKey(kv.key)}, in the index of ${quoteKey(key)}`,
      {
        hint: 'the database is damaged: its index does not follow from its records',
      },
    );
  }
  return kv;
}

/**
 * The error for a revision that is in the index but has no record. etcd ends its process here. It happens after a
 * transaction that deletes and puts the same key, and a compaction at exactly that revision.
 */
export class LostRecordError extends MvccwError {
  constructor(key: string, revision: Revision) {
    super('CORRUPT', `the record of key ${quoteKey(key)} at revision ${formatRevision(revision)} is gone`, {
      hint: 'a transaction that deletes and puts one key was compacted at its own revision; etcd loses the put there',
    });
  }
}

/**
 * Yields the records that a read of a range at `rev` sees, in order of their keys. Throws COMPACTED or FUTURE_REVISION, and
 * CORRUPT at the first record that is not there.
 */
export function* recordsAt(
  keyTable: ReadTable,
  find: FindKeys,
  state: StoreState,
  range: KeyRange,
  rev: number,
): Iterable<KeyValue> {
  checkRevision(rev, state);
  for (const { key, revision } of find(range, rev)) yield recordAt(keyTable, key, revision);
}

export function rangeAt(keyTable: ReadTable, find: FindKeys, state: StoreState, request: RangeRequest): RangeResult {
  const rev = request.rev !== undefined && request.rev > 0 ? request.rev : state.currentRev;
  checkRevision(rev, state);
  const limit = request.limit !== undefined && request.limit > 0 ? request.limit : Number.POSITIVE_INFINITY;
  const kvs: KeyValue[] = [];
  let count = 0;
  for (const { key, revision } of find(request, rev)) {
    count++;
    if (request.countOnly || count > limit) continue;
    const kv = recordAt(keyTable, key, revision);
    if (request.end === undefined) kvs.push(kv);
    else kvs.push({ ...kv, value: request.withoutValues ? EMPTY : ownBytes(kv.value) });
  }
  return { revision: state.currentRev, count, kvs };
}

const EMPTY = Buffer.alloc(0);

/** The part of its memory that a value has to be to stay there. */
const OWN_PART = 1 / 2;

/** Returns a value, or a copy if it is a small part of a page: the values of a long range would keep a page each. */
function ownBytes(value: Buffer): Buffer {
  return value.length < value.buffer.byteLength * OWN_PART ? Buffer.from(value) : value;
}
