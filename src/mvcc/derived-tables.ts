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

/** Returns a backend of these tables that can only be read. What is derived from them is built when it is first needed. */
export function derivedBackend(
  { key, meta, lease }: Pick<ReadBackend['tables'], 'key' | 'meta' | 'lease'>,
  sizeBytes: number,
): ReadBackend {
  let index: ReadTable | undefined;
  let attachments: ReadTable | undefined;
  const backend: ReadBackend = {
    tables: {
      key,
      meta,
      lease,
      watch: new MemoryTable(),
      get index() {
        index ??= buildIndex(backend);
        return index;
      },
    },
    get attachments() {
      attachments ??= buildAttachments(backend);
      return attachments;
    },
    sizeBytes: () => sizeBytes,
    close: () => undefined,
  };
  return backend;
}
