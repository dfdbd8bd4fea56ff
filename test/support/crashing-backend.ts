// This backend simulates a crash of its process: after some transactions every further one fails.

import type { Backend, Table, TableName } from '../../src/mvcc/backend.js';

export class CrashingBackend implements Backend {
  readonly tables: Readonly<Record<TableName, Table>>;

  constructor(
    private readonly backend: Backend,
    private transactionsLeft: number,
    /** The crash comes before the transaction's body runs, or after the body and before the commit. */
    private readonly moment: 'before' | 'during',
  ) {
    this.tables = backend.tables;
  }

  transaction<T>(body: () => T): T {
    return this.backend.transaction(() => {
      const lastOne = this.transactionsLeft-- <= 0;
      if (lastOne && this.moment === 'before') throw new Error('crash');
      const result = body();
      if (lastOne) throw new Error('crash');
      return result;
    });
  }

  sizeBytes(): number {
    return this.backend.sizeBytes();
  }

  close(): void {
    this.backend.close();
  }
}
