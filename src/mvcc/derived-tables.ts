// The tables that etcd's files lack, made from those that they have.

import type { ReadBackend, ReadTable } from './backend.js';
import { HistoryCheck } from './history-check.js';
import { Leases, leaseEntries } from './leases.js';
import { MemoryTable } from './memory-table.js';
import { rebuildAttachments, rebuildIndex } from './rebuild-index.js';
import { CheckedStoreReader, StoreReader } from './store.js';

/** Returns the `index` table, made from the `key` table. */
export function buildIndex(file: ReadBackend): ReadTable {
  const store = new StoreReader(file);
  const index = new MemoryTable();
  rebuildIndex(store.records(0, store.currentRev), index, new HistoryCheck(store.compactRev));
  return index;
}

/** Returns the `lease` table with the attached keys. */
export function buildAttachments(file: ReadBackend): ReadTable {
  const table = new MemoryTable();
  for (const { key, value } of leaseEntries(file.tables.lease)) table.put(key, value);
  const store = new CheckedStoreReader(file);
  rebuildAttachments(store.records(0, store.currentRev), new Leases(table));
  return table;
}
