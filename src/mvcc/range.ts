// Reads: one key, a range or a prefix, now or at a revision. Follows rangeKeys in kvstore_txn.go.

import { MvccwError } from '../errors.js';
import type { ReadTable } from './backend.js';
import type { KeyIndexReader } from './key-index.js';
import { quoteKey } from './key-text.js';
import type { KeyValue } from './key-value.js';
import { StoredRecord } from './record.js';
import { encodeRevisionKey, formatRevision, type Revision } from './revision.js';
import type { StoreState } from './store-state.js';

export interface RangeRequest {
  readonly key: string;
  /** Absent: the one key; '': from key on; else [key, end). */
  readonly end?: string | undefined;
  /** 0 or less: the newest. */
  readonly rev?: number | undefined;
  /** The number of records at most; 0 or less: all. */
  readonly limit?: number | undefined;
  readonly countOnly?: boolean | undefined;
}

export interface RangeResult {
  /** The store's revision, not the one asked for. */
  readonly revision: number;
  /** How many keys match, whatever the limit. */
  readonly count: number;
  readonly kvs: KeyValue[];
}

/** The revisions that can be read. */
type Window = Pick<StoreState, 'currentRev' | 'compactRev'>;

export function checkRevision(rev: number, state: Window): void {
  if (rev > state.currentRev) {
    throw new MvccwError('FUTURE_REVISION', `revision ${rev} is in the future: the newest is ${state.currentRev}`, {
      hint: `choose a revision up to ${state.currentRev}`,
    });
  }
  if (rev < state.compactRev) throw compacted(rev, state);
}

export function compacted(rev: number, state: Window): MvccwError {
  return new MvccwError('COMPACTED', `revision ${rev} has been compacted: the oldest is ${state.compactRev}`, {
    hint: `choose a revision from ${state.compactRev} to ${state.currentRev}`,
  });
}

/** For who would compact at a revision at or below the last compaction. */
export function alreadyCompacted(rev: number, { compactRev, currentRev }: Window): MvccwError {
  const at = rev === compactRev ? '' : `, at ${compactRev}`;
  const what = compactRev < 0 ? 'is below all revisions' : `has been compacted already${at}`;
  return new MvccwError('COMPACTED', `revision ${rev} ${what}`, {
    hint:
      compactRev < currentRev
        ? `a compaction can be at a revision from ${compactRev + 1} to ${currentRev}`
        : 'nothing newer has been written since',
  });
}

/** The record of a key at a revision that the index names, or throws CORRUPT. */
function recordAt(keyTable: ReadTable, key: string, revision: Revision): KeyValue {
  const revisionKey = encodeRevisionKey(revision);
  const bytes = keyTable.get(revisionKey);
  if (bytes === undefined) throw new LostRecordError(key, revision);
  return new StoredRecord(revisionKey, bytes).keyValue();
}

/**
 * The index knows a revision whose record is gone. etcd ends its process here. It comes about when a transaction
 * deletes and puts the same key and compaction is asked for at exactly that revision.
 */
export class LostRecordError extends MvccwError {
  constructor(key: string, revision: Revision) {
    super('CORRUPT', `the record of key ${quoteKey(key)} at revision ${formatRevision(revision)} is gone`, {
      hint: 'a transaction that deletes and puts one key was compacted at its own revision; etcd loses the put there',
    });
  }
}

export function rangeAt(
  keyTable: ReadTable,
  index: KeyIndexReader,
  state: StoreState,
  request: RangeRequest,
): RangeResult {
  const rev = request.rev !== undefined && request.rev > 0 ? request.rev : state.currentRev;
  checkRevision(rev, state);
  const limit = request.limit !== undefined && request.limit > 0 ? request.limit : Number.POSITIVE_INFINITY;
  const kvs: KeyValue[] = [];
  let count = 0;
  for (const { key, revision } of index.range(request.key, request.end, rev)) {
    count++;
    if (!request.countOnly && count <= limit) kvs.push(recordAt(keyTable, key, revision));
  }
  return { revision: state.currentRev, count, kvs };
}
