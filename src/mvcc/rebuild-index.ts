// The key index and the lease attachments, found anew from the records of the `key` table alone, as etcd does at every
// start (restore in kvstore.go). Used after an import, for files that come without an index, and to check one.

import type { ReadTable, Table } from './backend.js';
import { KeyIndex, type KeyState, stateAfterDelete, stateAfterPut } from './key-index.js';
import type { LeaseBook } from './lease-book.js';
import { allRecords, type StoredRecord } from './record.js';

/** The first record that is left of a key says which version it was; those behind it count on from there. */
export function stateAfterRecord(before: KeyState | undefined, record: StoredRecord): KeyState {
  if (record.tombstone) return stateAfterDelete(record);
  if (before !== undefined) return stateAfterPut(before, record);
  const { createRevision, version } = record.keyValue();
  return { main: record.main, sub: record.sub, tombstone: false, createRevision, version };
}

/** Fills an index from the records, in revision order. */
export function rebuildIndex(records: Iterable<StoredRecord>, indexTable: Table): void {
  for (const { key } of [...indexTable.entries()]) indexTable.delete(key);
  const index = new KeyIndex(indexTable);
  for (const record of records) {
    index.append(record.key, stateAfterRecord(index.latest(record.key), record));
  }
}

/** Attaches each key to the lease that its newest record names, if that lease is there. */
export function rebuildAttachments(keyTable: ReadTable, leases: LeaseBook): void {
  const leaseOf = new Map<string, bigint>();
  for (const record of allRecords(keyTable)) {
    const lease = record.tombstone ? 0n : record.keyValue().lease;
    if (lease === 0n) leaseOf.delete(record.key);
    else leaseOf.set(record.key, lease);
  }
  leases.detachAll();
  for (const [key, lease] of leaseOf) if (leases.has(lease)) leases.attach(lease, key);
}
