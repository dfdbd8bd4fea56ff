// A backend in memory, for tests and for temporary stores.

import { type Backend, TABLE_NAMES, type TableName } from './backend.js';
import { MemoryTable } from './memory-table.js';

export class MemoryBackend implements Backend {
  readonly tables: Record<TableName, MemoryTable> = {
    key: new MemoryTable(),
    meta: new MemoryTable(),
    lease: new MemoryTable(),
    index: new MemoryTable(),
    watch: new MemoryTable(),
  };

  transaction<T>(body: () => T): T {
    for (const name of TABLE_NAMES) this.tables[name].begin();
    let done = false;
    try {
      const result = body();
      done = true;
      return result;
    } finally {
      for (const name of TABLE_NAMES) this.tables[name].end(done);
    }
  }

  sizeBytes(): number {
    let bytes = 0;
    for (const name of TABLE_NAMES) {
      for (const { key, value } of this.tables[name].entries()) bytes += key.length + value.length;
    }
    return bytes;
  }

  close(): void {}
}
