// Builds the key index and the lease attachments from the records of the `key` table alone, as etcd does at every start
// (restore in kvstore.go). It is used by an import, for files without an index, and to repair one.

import type { Table } from './backend.js';
import type { HistoryCheck } from './history-check.js';
import { KeyIndex, type KeyState, stateAfterDelete, stateAfterPut } from './key-index.js';
import type { Leases } from './leases.js';
import type { StoredRecord } from './record.js';

/** Returns a key's state after a record. The key's first record that is left says its version; later ones count on. */
function stateAfterRecord(before: KeyState | undefined, record: StoredRecord): KeyState {
  if (record.tombstone) return stateAfterDelete(record);
  if (before !== undefined) return stateAfterPut(before, record);
  const { createRevision, version } = record;
  return { main: record.main, sub: record.sub, tombstone: false, createRevision, version };
}

/** The records that are held in memory: many enough that a key often has several among them. */
const BATCH_RECORDS = 100_000;

/** Adds records to an index, in revision order. They are in the index after `flush`. */
export class IndexFiller {
  private statesByKey = new Map<string, KeyState[]>();
  private records = 0;

  /** With a check, records that contradict one another are refused. */
  constructor(
    private readonly index: KeyIndex,
    private readonly check?: HistoryCheck,
  ) {}

  /** Adds the next record. Throws CORRUPT if the check refuses it. */
  add(record: StoredRecord): void {
    const { key } = record;
    const states = this.statesByKey.get(key);
    const before = states === undefined ? this.index.latest(key) : states[states.length - 1];
    this.check?.check(record, before);
    const state = stateAfterRecord(before, record);
    if (states === undefined) this.statesByKey.set(key, [state]);
    else states.push(state);
    if (++this.records === BATCH_RECORDS) this.flush();
  }

  flush(): void {
    this.index.appendAll(this.statesByKey);
    this.statesByKey = new Map();
    this.records = 0;
  }
}

/** Fills an index from the records, in revision order. Throws CORRUPT if the check refuses one. */
export function rebuildIndex(records: Iterable<StoredRecord>, indexTable: Table, check?: HistoryCheck): void {
  for (const { key } of [...indexTable.entries()]) indexTable.delete(key);
  const filler = new IndexFiller(new KeyIndex(indexTable), check);
  for (const record of records) filler.add(record);
  filler.flush();
}

/** Attaches each key to the lease that its newest record names, if that lease exists. */
export function rebuildAttachments(records: Iterable<StoredRecord>, leases: Leases): void {
  leases.detachAll();
  // Most databases have no leases; their records need not be read.
  if ([...leases.list()].length === 0) return;
  const leaseOf = new Map<string, bigint>();
  for (const record of records) {
    const lease = record.lease;
    if (lease === 0n) leaseOf.delete(record.key);
    else leaseOf.set(record.key, lease);
  }
  for (const [key, lease] of leaseOf) if (leases.has(lease)) leases.attach(lease, key);
}
