// A scripted store is a replay's store over transactions: those that the scenario writes itself, or those of a recorded
// history. It is a real store in memory, with all that an older release does to it. A second store beside it is never
// compacted, so that a replay can be checked against it.
//
// A restore from a backup of revision R gives both stores what was there up to R. What was committed after R is gone for
// good: the uncompacted store of before is kept, so that what clients were given by then can be checked.

import { MvccwError } from '../../errors.js';
import type { Backend } from '../../mvcc/backend.js';
import type { History } from '../../mvcc/history.js';
import { MemoryBackend } from '../../mvcc/memory-backend.js';
import type { RangeRequest, RangeResult } from '../../mvcc/range.js';
import type { StoredRecord } from '../../mvcc/record.js';
import { encodeRevisionKey, revisionKeyBound } from '../../mvcc/revision.js';
import { Store } from '../../mvcc/store.js';
import { NEWEST_STORE, type StoreBehaviours } from '../../mvcc/store-behaviour.js';
import { clearFinishedCompactRev, writeFinishedCompactRev, writeScheduledCompactRev } from '../../mvcc/store-state.js';
import { checkRevision } from '../../mvcc/window.js';
import type { Backup, Commit, ReplayStore } from './replay-store.js';
import type { Transaction, Transactions } from './transactions.js';

/** What is there before the first transaction. */
export interface StoreSeed {
  /** Writes the records and the mark of the last compaction. */
  fill(backend: Backend): void;
}

const EMPTY = Buffer.alloc(0);
/** The time to live of a lease that a recorded put names. No lease runs out in a replay. */
const SOME_TTL_SECONDS = 1;

function write(store: Store, transaction: Transaction): Commit {
  for (const change of transaction) {
    const lease = 'put' in change ? (change.lease ?? 0n) : 0n;
    if (lease !== 0n && store.leases.get(lease) === undefined) store.grantLease(lease, SOME_TTL_SECONDS);
  }
  const { revision, events } = store.write((txn) => {
    for (const change of transaction) {
      if ('put' in change) txn.put(change.put, change.value, change.lease);
      else txn.deleteRange(change.delete, change.end);
    }
  });
  return { revision, events };
}

/** A compaction, and where the store stood then. */
interface Compaction {
  readonly revision: number;
  readonly currentRev: number;
}

export class ScriptedStore implements ReplayStore {
  private backend = new MemoryBackend();
  private store: Store;
  private fullBackend = new MemoryBackend();
  private full: Store;
  private committed = 0;
  /** The revision of the first transaction. */
  private readonly firstRev: number;
  private finishedBefore: number | undefined;
  private compactions: Compaction[] = [];
  /** The number of transactions up to the end; undefined before the first restore, while revisions tell it. */
  private lastTransaction: number | undefined;
  /** The histories that ended in a restore, in order. */
  readonly past: History[] = [];

  /** The store stands at `baseRev`, and commits up to `toRev`. */
  constructor(
    private readonly transactions: Pick<Transactions, 'length' | 'at'>,
    baseRev: number,
    private readonly toRev: number,
    private readonly behaviours: StoreBehaviours = NEWEST_STORE,
    seed?: StoreSeed,
  ) {
    seed?.fill(this.backend);
    seed?.fill(this.fullBackend);
    this.store = new Store(this.backend, { behaviours });
    this.full = new Store(this.fullBackend);
    if (seed !== undefined) for (const store of [this.store, this.full]) store.restore();
    this.firstRev = this.currentRev + 1;
    while (this.currentRev < baseRev && this.hasNext) this.commitNext();
  }

  get currentRev(): number {
    return this.store.currentRev;
  }

  get compactRev(): number {
    return this.store.compactRev;
  }

  get hasNext(): boolean {
    if (this.committed >= (this.lastTransaction ?? this.transactions.length)) return false;
    return this.lastTransaction !== undefined || this.currentRev < this.toRev;
  }

  get nextRev(): number | undefined {
    return this.hasNext ? this.firstRev + this.committed : undefined;
  }

  /** Everything that was committed since the last restore, and before up to its backup. */
  readonly history: History = wholeHistory(() => this.full);

  records(fromMain: number, toMain: number): Iterable<StoredRecord> {
    return this.store.records(fromMain, toMain);
  }

  range(request: RangeRequest): RangeResult {
    return this.store.range(request);
  }

  /** A transaction that changes nothing, as the delete of a key that a restore took away, has no revision. */
  commitNext(): Commit | undefined {
    while (this.hasNext) {
      const transaction = this.transactions.at(this.committed++);
      write(this.full, transaction);
      const commit = write(this.store, transaction);
      if (commit.events.length > 0) return commit;
    }
    return undefined;
  }

  compact(revision: number): void {
    this.finishedBefore = this.store.state.finishedCompactRev;
    const { currentRev } = this;
    this.store.compact(revision);
    this.compactions.push({ revision, currentRev });
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

  checkBackup({ revision, bumpRevision }: Backup): void {
    if (revision < 1) throw new MvccwError('USAGE', `there is no backup of revision ${revision}: the first is 1`);
    checkRevision(revision, this.full.state);
    const toCome = (this.lastTransaction ?? this.transactionsToCome()) - this.committed;
    if (bumpRevision <= Number.MAX_SAFE_INTEGER - revision - toCome) return;
    throw new MvccwError('USAGE', `a bump by ${bumpRevision} leaves no revisions for what is still to be written`);
  }

  restoreBackup({ revision, bumpRevision, markCompacted }: Backup): void {
    this.lastTransaction ??= this.transactionsToCome();
    const ended = this.full;
    this.past.push(wholeHistory(() => ended));
    const from = this.fullBackend;
    // The backup was taken when the revision had just been committed, so that it has the compactions of before.
    this.compactions = this.compactions.filter(({ currentRev }) => currentRev < revision);
    const compactRev = Math.max(0, ...this.compactions.map((one) => one.revision));

    this.fullBackend = copyUpTo(from, revision);
    this.backend = copyUpTo(from, revision);
    this.finishedBefore = undefined;
    if (compactRev > 0) {
      const before = new Store(this.backend, { behaviours: this.behaviours });
      before.restore();
      before.compact(compactRev);
    }
    const newest = revision + bumpRevision;
    if (bumpRevision > 0) {
      const key = encodeRevisionKey({ main: newest, sub: 0 });
      for (const { tables } of [this.backend, this.fullBackend]) tables.key.put(key, EMPTY);
    }
    if (markCompacted) writeScheduledCompactRev(this.backend.tables.meta, newest);
    this.store = new Store(this.backend, { behaviours: this.behaviours });
    this.full = new Store(this.fullBackend);
    for (const store of [this.store, this.full]) store.restore();
  }

  /** Returns the place behind the last transaction that is to be committed. */
  private transactionsToCome(): number {
    return Math.min(this.committed + Math.max(this.toRev - this.currentRev, 0), this.transactions.length);
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

/** Returns the history of a store, without the empty record of a bumped revision, which is no change. */
function wholeHistory(store: () => Store): History {
  return {
    get currentRev() {
      return store().currentRev;
    },
    get compactRev() {
      return store().compactRev;
    },
    *records(fromMain, toMain) {
      for (const record of store().records(fromMain, toMain)) if (!record.isEmpty) yield record;
    },
    range: (request) => store().range(request),
  };
}

/** Returns a copy of all but what lies above a revision. */
function copyUpTo({ tables: from }: MemoryBackend, revision: number): MemoryBackend {
  const copy = new MemoryBackend();
  for (const { key, value } of from.key.entries({ lt: revisionKeyBound(revision + 1) })) {
    copy.tables.key.put(key, value);
  }
  for (const name of ['meta', 'lease'] as const) {
    for (const { key, value } of from[name].entries()) copy.tables[name].put(key, value);
  }
  return copy;
}
