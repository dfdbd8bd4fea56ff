// The history of a range of keys: all records of them that are retained, in revision order or newest first, each with
// the record before it. In memory are a few dozen bytes for each key, not its values; newest first also 16 bytes for
// each record.

import { MvccwError } from '../../errors.js';
import { holdsKey, type KeyRange } from '../../mvcc/key-range.js';
import type { StoredRecord } from '../../mvcc/record.js';
import { formatRevision, type RevisionKey } from '../../mvcc/revision.js';
import type { StoreReader } from '../../mvcc/store.js';
import type { Window } from '../../mvcc/window.js';
import { type Before, beforeOf, KeyLives, type LifeStep } from './key-lives.js';
import { RecentRecords } from './recent-records.js';
import { RecordList } from './record-list.js';

/** The revision of the first change of a store; a compaction below it takes nothing. */
export const FIRST_CHANGE = 2;

/** Where the records of a range of keys are found. */
export interface RecordSource {
  readonly store: StoreReader;
  /** Whether the store has an index; without one, the records of a key are found by reading all. */
  readonly indexed: boolean;
}

export interface HistoryRequest {
  readonly range: KeyRange;
  /** The first and the last main revision. */
  readonly fromRev: number;
  readonly toRev: number;
  /** The most records; 0 is all. */
  readonly limit: number;
  /** Newest first. */
  readonly reverse: boolean;
  /** Whether the record before each is wanted. */
  readonly withBefore: boolean;
}

export interface HistoryEntry extends LifeStep {
  readonly record: StoredRecord;
  /** The put before, if it is retained and wanted. */
  readonly recordBefore: StoredRecord | undefined;
}

/** Yields the entries one by one. Throws CORRUPT. */
export function keyHistory(source: RecordSource, request: HistoryRequest): Iterable<HistoryEntry> {
  return request.reverse ? newestFirst(source, request) : oldestFirst(source, request);
}

/** Yields the records of a range up to `toRev`, from the first one that is retained. */
export function* recordsOf({ store, indexed }: RecordSource, range: KeyRange, toRev: number): Iterable<StoredRecord> {
  if (!indexed || range.end !== undefined) {
    for (const record of store.records(0, toRev)) if (!record.isEmpty && holdsKey(range, record.key)) yield record;
    return;
  }
  for (const revision of store.history(range.key)) {
    if (revision.main > toRev) return;
    // The index may name a put that compaction has taken (LostRecordError in range.ts): it is not retained.
    const record = store.storedRecord(revision);
    if (record !== undefined) yield record;
  }
}

function* oldestFirst(source: RecordSource, request: HistoryRequest): Iterable<HistoryEntry> {
  const { range, fromRev, toRev, limit, withBefore } = request;
  const lives = new KeyLives();
  const recent = new RecentRecords<string>();
  let count = 0;
  for (const record of recordsOf(source, range, toRev)) {
    const step = lives.follow(record);
    if (record.main < fromRev) continue;
    const revision = withBefore ? revisionOf(step.before) : undefined;
    const recordBefore = revision && (recent.take(record.key, revision) ?? readRecord(source, revision));
    if (withBefore) recent.keep(record.key, record);
    yield { record, ...step, recordBefore };
    if (++count === limit) return;
  }
}

function* newestFirst(source: RecordSource, request: HistoryRequest): Iterable<HistoryEntry> {
  const { range, fromRev, toRev, limit, withBefore } = request;
  const list = new RecordList();
  for (const record of recordsOf(source, range, toRev)) list.add(record);
  const recent = new RecentRecords<number>();
  let count = 0;
  for (let place = list.length - 1; place >= 0; place--) {
    const revision = list.revision(place);
    if (revision.main < fromRev) return;
    const record = recent.take(place, revision) ?? readRecord(source, revision);
    const placeBefore = list.placeBefore(place);
    const last = placeBefore === undefined ? undefined : list.revision(placeBefore);
    const before = beforeOf(record, last);
    const recordBefore = withBefore && before.is === 'record' ? readRecord(source, before.revision) : undefined;
    if (recordBefore !== undefined) recent.keep(placeBefore!, recordBefore);
    yield { record, generation: list.takeGeneration(record.key, place), before, recordBefore };
    if (++count === limit) return;
  }
}

function revisionOf(before: Before): RevisionKey | undefined {
  return before.is === 'record' ? before.revision : undefined;
}

export function readRecord({ store }: RecordSource, revision: RevisionKey): StoredRecord {
  const record = store.storedRecord(revision);
  if (record !== undefined) return record;
  throw new MvccwError('COMPACTED', `revision ${formatRevision(revision)} was there and is gone`, {
    hint: 'another process has compacted the database meanwhile; try again',
  });
}

/** Returns the error for a range of which no revision is retained; `so` says what follows. */
export function nothingRetained({ compactRev, currentRev }: Window, so: string): MvccwError {
  return new MvccwError('KEY_NOT_FOUND', `${so}: no revision of the key or range is retained`, {
    hint:
      compactRev < FIRST_CHANGE
        ? `nothing has been compacted: the store holds all up to revision ${currentRev}`
        : `the window is revisions ${compactRev} to ${currentRev}: what was deleted before it has been compacted away`,
  });
}
