// Compaction deletes what is below a revision, in batches that are each a transaction of their own, as in
// kvstore_compaction.go. `scheduledCompactRev` is written before the first batch and `finishedCompactRev` with the
// last, so that the next opening of the store sees a compaction that was cut short, and resumes it.

import type { Backend, Table } from './backend.js';
import { type KeyValueHash, KeyValueHasher } from './hash-kv.js';
import { KeepSet, type TombstoneAtRev } from './keep-set.js';
import type { KeyIndex } from './key-index.js';
import { recordsBetween, StoredRecord } from './record.js';
import { revisionKeyBound } from './revision.js';
import { raiseFinishedCompactRev } from './store-state.js';

/**
 * Deletes the records at or below `revision` that no read or watch can need, `batchLimit` records a transaction.
 * Returns the hash of what was there; etcd stores it as the hash of that revision.
 */
export function runCompaction(
  backend: Backend,
  index: KeyIndex,
  revision: number,
  previousCompactRev: number,
  batchLimit: number,
  tombstoneAtRev: TombstoneAtRev,
): KeyValueHash {
  const { key: keyTable, meta } = backend.tables;
  const keep = new KeepSet(revision, tombstoneAtRev);
  for (const record of recordsBetween(keyTable, 0, revision)) keep.observe(record.key, record);
  const hasher = new KeyValueHasher(previousCompactRev, keep);

  const end = revisionKeyBound(revision + 1);
  let next: Buffer | undefined = revisionKeyBound(0);
  while (next !== undefined) {
    const from: Buffer = next;
    next = backend.transaction(() => {
      const batch: StoredRecord[] = [];
      for (const entry of keyTable.entries({ gte: from, lt: end })) {
        batch.push(new StoredRecord(entry.key, entry.value));
        if (batch.length === batchLimit) break;
      }
      for (const record of batch) {
        hasher.write(record);
        if (!keep.holds(record.key, record)) dropRecord(keyTable, index, keep, record);
      }
      if (batch.length < batchLimit) {
        raiseFinishedCompactRev(meta, revision);
        return undefined;
      }
      return keyAfter(batch[batch.length - 1]!.keyBytes);
    });
  }
  return { hash: hasher.sum(), compactRevision: previousCompactRev, revision };
}

function dropRecord(keyTable: Table, index: KeyIndex, keep: KeepSet, record: StoredRecord): void {
  keyTable.delete(record.keyBytes);
  // etcd's index keeps a put that follows a tombstone in the same transaction, if that transaction is the compact
  // revision, but its record is deleted: reads of the key fail until the index is built anew.
  if (!keep.endedBefore(record.key, record)) index.forget(record.key, record);
}

function keyAfter(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.from([0])]);
}
