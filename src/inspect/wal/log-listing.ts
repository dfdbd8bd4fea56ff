// Lists the entries of a log with what is in them and what came of them.

import { MvccwError } from '../../errors.js';
import type { Doubt } from '../../mvcc/apply/doubt.js';
import type { Outcome } from '../../mvcc/apply/outcome.js';
import { type ConfChange, decodeConfChange } from '../../wal/conf-change.js';
import { decodeRequest } from '../../wal/decode-request.js';
import { NORMAL, type RaftLog, type ReadEntry } from '../../wal/raft-log.js';
import type { RaftRequest } from '../../wal/request.js';
import type { EntryOutcomes } from './entry-outcomes.js';

/** What an entry asks for: a request, or something that etcd itself wants. */
export type EntryContent =
  | RaftRequest
  | ConfChange
  /** The first entry of a new leader. */
  | { readonly kind: 'noOp' }
  | { readonly kind: 'unreadable'; readonly problem: string };

export interface ListedEntry {
  readonly index: number;
  readonly term: number;
  /** The size of the data of the entry. */
  readonly sizeBytes: number;
  readonly content: EntryContent;
  /** The id of the request; 0 if it has none. */
  readonly requestId: bigint;
  /** '' if no user is recorded. */
  readonly user: string;
  readonly isCommitted: boolean;
  readonly isOverwritten: boolean;
  /** What came of it; undefined if this cannot be told. */
  readonly outcome: Outcome | undefined;
  readonly doubt: Doubt | undefined;
}

export interface ListingRange {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** Yields the entries of a range of indexes, in order. */
export function* listEntries(
  raft: RaftLog,
  outcomes: EntryOutcomes,
  { from, to }: ListingRange,
): Iterable<ListedEntry> {
  for (const entry of raft.entries(from, to)) yield listed(entry, outcomes);
}

/** Yields the entries that were overwritten, in the order in which they were. */
export function* listOverwritten(raft: RaftLog): Iterable<ListedEntry> {
  for (const entry of raft.overwrittenEntries()) yield listed(entry, undefined);
}

/** Without outcomes, it is an entry that was overwritten. */
function listed({ index, term, type, data }: ReadEntry, outcomes: EntryOutcomes | undefined): ListedEntry {
  const content = contentOf(type, data);
  const header = 'header' in content ? content.header : undefined;
  return {
    index,
    term,
    sizeBytes: data.length,
    content,
    requestId: header?.id ?? (content.kind === 'confChange' ? content.id : 0n),
    user: header?.user ?? '',
    isCommitted: outcomes?.isCommitted(index) ?? false,
    isOverwritten: outcomes === undefined,
    outcome: outcomes?.of(index),
    doubt: outcomes?.doubtOf(index),
  };
}

function contentOf(type: number, data: Buffer): EntryContent {
  if (type === NORMAL && data.length === 0) return { kind: 'noOp' };
  try {
    return type === NORMAL ? decodeRequest(data) : decodeConfChange(type, data);
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'CORRUPT') return { kind: 'unreadable', problem: error.message };
    throw error;
  }
}
