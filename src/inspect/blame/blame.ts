// Who wrote, deleted and leased each revision of a key or of a range of keys.

import { type ObjectBefore, type Writers, writersOf } from '../../kube/object-writers.js';
import { recogniseValue } from '../../kube/value.js';
import type { RevisionOrigin } from '../../wal/origin.js';
import { type HistoryEntry, type HistoryRequest, keyHistory, type RecordSource } from '../history/key-history.js';
import type { LeaseGrant } from './lease-grants.js';
import type { NamedProposer } from './proposers.js';
import type { Provenance } from './provenance.js';

export interface BlamedRevision extends HistoryEntry {
  /** The entry of the log; none if it is not known, and several if it is one of them. */
  readonly origins: readonly RevisionOrigin[];
  /** What managedFields tell of a put of a Kubernetes object; undefined if they tell nothing. */
  readonly writers: Writers | undefined;
  /** The lease that a put has, or that a deleted key had; undefined if there was none, or it is not known. */
  readonly lease: BlamedLease | undefined;
}

export interface BlamedLease {
  readonly id: bigint;
  /** Who granted it, by its id; undefined if the id does not tell. */
  readonly grantedBy: NamedProposer | undefined;
  /** The entry in which it was granted; undefined if that is not known. */
  readonly grant: LeaseGrant | undefined;
}

export type BlameRequest = Omit<HistoryRequest, 'withBefore'>;

/** Yields the revisions as keyHistory does. Throws CORRUPT. */
export function* blame(
  source: RecordSource,
  { originsOf, grantOf, proposers }: Provenance,
  request: BlameRequest,
): Iterable<BlamedRevision> {
  for (const entry of keyHistory(source, { ...request, withBefore: true })) {
    const { record, recordBefore } = entry;
    const id = record.tombstone ? (recordBefore?.lease ?? 0n) : record.lease;
    yield {
      ...entry,
      origins: originsOf(record.main),
      writers: record.tombstone ? undefined : writersOfPut(entry),
      lease: id === 0n ? undefined : { id, grantedBy: proposers.ofLease(id), grant: grantOf(id) },
    };
  }
}

function writersOfPut({ record, recordBefore, before }: HistoryEntry): Writers | undefined {
  const after = recogniseValue(record.keyValue().value);
  if (after.form !== 'object') return undefined;
  return writersOf(objectBefore(recordBefore?.keyValue().value, before), after);
}

function objectBefore(value: Buffer | undefined, before: HistoryEntry['before']): ObjectBefore {
  if (value === undefined) return before.is === 'compacted' ? 'unknown' : 'nothing';
  const object = recogniseValue(value);
  return object.form === 'object' ? object : 'unknown';
}
