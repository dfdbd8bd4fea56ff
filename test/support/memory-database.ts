// This module makes databases in memory, as commands are given them.

import type { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import { Store, StoreReader } from '../../src/mvcc/store.js';
import { writeScheduledCompactRev } from '../../src/mvcc/store-state.js';
import type { Database } from '../../src/storage/database.js';

export function memoryDatabase(backend: MemoryBackend, version?: string): Database {
  return {
    path: 'memory',
    backend,
    store: new StoreReader(backend),
    watchSpecs: [],
    etcdFile: undefined,
    lmdb: undefined,
    log: undefined,
    digest: undefined,
    importedFrom: undefined,
    origin: version === undefined ? undefined : { version },
  };
}

/** Does what `etcdutl snapshot restore --bump-revision --mark-compacted` does, and opens the store. */
export function bumpRevision(backend: MemoryBackend, by: number): Store {
  const main = new Store(backend).currentRev + by;
  backend.tables.key.put(encodeRevisionKey({ main, sub: 0 }), Buffer.alloc(0));
  writeScheduledCompactRev(backend.tables.meta, main);
  return new Store(backend);
}
