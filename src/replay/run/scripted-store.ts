// A scripted store is a replay's store over a history that the scenario writes itself. It is a real store in memory,
// with all that an older release does to it. A second store beside it is never compacted, so that a replay can be
// checked against it.

import { MemoryBackend } from '../../mvcc/memory-backend.js';
import type { RangeRequest, RangeResult } from '../../mvcc/range.js';
import type { StoredRecord } from '../../mvcc/record.js';
import { revisionKeyBound } from '../../mvcc/revision.js';
import { Store } from '../../mvcc/store.js';
import { NEWEST_STORE, type StoreBehaviours } from '../../mvcc/store-behaviour.js';
import { clearFinishedCompactRev, writeFinishedCompactRev } from '../../mvcc/store-state.js';
import type { Commit, ReplayStore } from './replay-store.js';
import type { Transaction, Transactions } from './transactions.js';

function write(store: Store, transaction: Transaction): Commit {
  const { revision, events } = store.write((txn) => {
    for (const change of transaction) {
      if ('put' in change) txn.put(change.put, change.value);
      else txn.deleteRange(change.delete, change.end);
    }
  });
  return { revision, events };
}

export class ScriptedStore implements ReplayStore {
  private readonly backend = new MemoryBackend();
  private store: Store;
  private readonly fullBackend = new MemoryBackend();
  private readonly full: Store;
  private committed = 0;
  private finishedBefore: number | undefined;

  /** The store stands at `baseRev`, and commits up to `toRev`. */
  constructor(
    private readonly transactions: Transactions,
    baseRev: number,
    private readonly toRev: number,
    private readonly behaviours: StoreBehaviours = NEWEST_STORE,
  ) {
    this.store = new Store(this.backend, { behaviours });
    this.full = new Store(this.fullBackend);
    while (this.currentRev < baseRev && this.hasNext) this.commitNext();
  }

  get currentRev(): number {
    return this.store.currentRev;
  }

  get compactRev(): number {
    return this.store.compactRev;
  }

  get hasNext(): boolean {
    return this.committed < this.transactions.length && this.currentRev < this.toRev;
  }

  /** Everything that was ever committed, up to where the store stands. */
  get history(): Store {
    return this.full;
  }

  records(fromMain: number, toMain: number): Iterable<StoredRecord> {
    return this.store.records(fromMain, toMain);
  }

  range(request: RangeRequest): RangeResult {
    return this.store.range(request);
  }

  commitNext(): Commit | undefined {
    if (!this.hasNext) return undefined;
    const transaction = this.transactions.at(this.committed++);
    write(this.full, transaction);
    return write(this.store, transaction);
  }

  compact(revision: number): void {
    this.finishedBefore = this.store.state.finishedCompactRev;
    this.store.compact(revision);
  }

  restore(): void {
    this.store.restore();
  }

  /** Restarts the store; with `cutShort` the process was killed before the end of its last compaction was recorded. */
  restart(cutShort = false): void {
    if (cutShort) {
      const { meta } = this.backend.tables;
      if (this.finishedBefore === undefined) clearFinishedCompactRev(meta);
      else writeFinishedCompactRev(meta, this.finishedBefore);
    }
    this.store = new Store(this.backend, { behaviours: this.behaviours });
    this.store.restore();
    this.forgetAbove(this.store.currentRev);
  }

  /** Drops the history above a revision, because a store that has gone back in revisions has lost it. */
  private forgetAbove(revision: number): void {
    const { key } = this.fullBackend.tables;
    const lost = [...key.entries({ gte: revisionKeyBound(revision + 1) })];
    if (lost.length === 0) return;
    for (const entry of lost) key.delete(entry.key);
    this.full.restore();
  }
}
