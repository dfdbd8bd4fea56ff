// The MVCC store: reads at any revision of the window, write transactions, compaction, hashes and leases over a
// backend. Follows kvstore.go. It is synchronous, and keeps nothing beside its tables but the hashes of its compactions.

import type { KeyNumbers } from '../adt/key-numbers.js';
import type { Backend, ReadBackend } from './backend.js';
import { runCompaction } from './compaction.js';
import { HashStorage, hashRecords, type KeyValueHash } from './hash-kv.js';
import type { History } from './history.js';
import { CheckedRecords } from './history-check.js';
import type { TombstoneAtRev } from './keep-set.js';
import { type KeyCounts, KeyIndex, KeyIndexReader, type KeyRevision } from './key-index.js';
import type { KeyRange } from './key-range.js';
import type { KeyValue } from './key-value.js';
import { deadlineAfter } from './lease-clock.js';
import { LeaseReader, Leases, leaseNotFound } from './leases.js';
import { type FoundKey, type RangeRequest, type RangeResult, rangeAt, recordsAt } from './range.js';
import { rebuildAttachments, rebuildIndex } from './rebuild-index.js';
import { allRecords, recordsBetween, StoredRecord, type WatchEvent } from './record.js';
import { recordsInSequence } from './record-sequence.js';
import { encodeRevisionKey, isLastRevision, type RevisionKey } from './revision.js';
import { scannedRange } from './scanned-range.js';
import { NEWEST_STORE, type StoreBehaviours } from './store-behaviour.js';
import { readState, type StoreState, writeScheduledCompactRev } from './store-state.js';
import { alreadyCompacted, checkRevision, compacted } from './window.js';
import { WriteTxn } from './write-txn.js';

const COMPACTION_BATCH_LIMIT = 1000;

/** The number of leases that are revoked in one transaction of the backend. */
const EXPIRY_BATCH_LIMIT = 100;

/** A store that only reads: an etcd file, or a database that was opened for reading. */
export class StoreReader implements History {
  protected current: StoreState;
  readonly leases: LeaseReader;
  protected lazyIndex: KeyIndexReader | undefined;

  constructor(
    protected readonly backend: ReadBackend,
    protected readonly behaviours: StoreBehaviours = NEWEST_STORE,
  ) {
    this.current = readState(backend, behaviours);
    this.leases = new LeaseReader(
      backend.tables.lease,
      'attachments' in backend ? () => backend.attachments ?? backend.tables.lease : undefined,
    );
  }

  /** The index is opened when it is first needed, because a file without one has to build it. */
  protected get indexReader(): KeyIndexReader {
    this.lazyIndex ??= new KeyIndexReader(this.backend.tables.index);
    return this.lazyIndex;
  }

  get state(): StoreState {
    return this.current;
  }

  get currentRev(): number {
    return this.current.currentRev;
  }

  get compactRev(): number {
    return this.current.compactRev;
  }

  /** Reads a range. Throws COMPACTED or FUTURE_REVISION if the revision is outside the window. */
  range(request: RangeRequest): RangeResult {
    return rangeAt(this.backend.tables.key, (range, rev) => this.find(range, rev), this.current, request);
  }

  /** Yields what `range` returns, record by record; `rev` 0 is the newest revision. Throws as it does. */
  recordsAt(range: KeyRange, rev = 0): Iterable<KeyValue> {
    const atRev = rev === 0 ? this.currentRev : rev;
    return recordsAt(this.backend.tables.key, (range, at) => this.find(range, at), this.current, range, atRev);
  }

  protected find({ key, end }: KeyRange, atRev: number): Iterable<FoundKey> {
    return this.indexReader.range(key, end, atRev);
  }

  /** Yields the changes with main revision in [fromMain, toMain], in order. Throws CORRUPT if one is missing. */
  records(fromMain: number, toMain: number): Iterable<StoredRecord> {
    const { key } = this.backend.tables;
    const lastMain = Math.min(toMain, this.currentRev);
    // In a release whose restarts may fall below the last compaction, gaps are no damage.
    return this.behaviours.has('scheduledCompactRev')
      ? recordsBetween(key, fromMain, lastMain)
      : recordsInSequence(key, fromMain, lastMain, this.compactRev);
  }

  /** Returns the record of a revision; undefined if there is none. */
  storedRecord(revision: RevisionKey): StoredRecord | undefined {
    const keyBytes = encodeRevisionKey(revision, revision.tombstone);
    const valueBytes = this.backend.tables.key.get(keyBytes);
    return valueBytes === undefined ? undefined : new StoredRecord(keyBytes, valueBytes);
  }

  /** Yields all revisions of one key, oldest first. */
  history(key: string): Iterable<KeyRevision> {
    return this.indexReader.history(key);
  }

  countRecords(): number {
    return this.backend.tables.key.size();
  }

  countKeys(): KeyCounts {
    return this.indexReader.count();
  }

  /** The numbers that the reading of records gives to keys; undefined if it gives none. */
  protected get keyNumbers(): KeyNumbers | undefined {
    return undefined;
  }

  /** Returns hashKV at a revision, 0 for the newest. The compact revision itself is still allowed. */
  hash(rev = 0): KeyValueHash {
    checkRevision(rev === 0 ? this.currentRev : rev, this.current);
    const revision = rev > 0 ? rev : this.currentRev;
    if (revision === this.compactRev && rev > 0 && this.behaviours.has('hashAtCompactRev')) {
      throw compacted(rev, this.current);
    }
    const { compactRev, behaviours, keyNumbers: numbers } = this;
    const hash = hashRecords(() => this.records(0, revision), { revision, compactRev, behaviours, numbers });
    return { hash, compactRevision: compactRev, revision };
  }
}

/**
 * A store over a file that has neither sums nor an index, so that only the records themselves can contradict a damaged
 * one: they are held against one another when they are read for the first time.
 */
export class CheckedStoreReader extends StoreReader {
  private readonly checked: CheckedRecords;
  private scanned = false;

  constructor(backend: ReadBackend) {
    super(backend);
    this.checked = new CheckedRecords((fromMain, toMain) => super.records(fromMain, toMain), this.compactRev);
  }

  /** The numbers of the keys of all records that were read so far. */
  override get keyNumbers(): KeyNumbers {
    return this.checked.keyNumbers;
  }

  /** The first read of a range scans the records. One that follows pays for an index, as many may follow. */
  protected override find(range: KeyRange, atRev: number): Iterable<FoundKey> {
    if (this.scanned || this.lazyIndex !== undefined) return super.find(range, atRev);
    this.scanned = true;
    return scannedRange(this.records(0, this.currentRev), this.keyNumbers, range, atRev);
  }

  override records(fromMain: number, toMain: number): Iterable<StoredRecord> {
    return this.checked.records(fromMain, Math.min(toMain, this.currentRev));
  }
}

export interface StoreOptions {
  /** The number of records that a compaction handles in one transaction; etcd's default is 1000. */
  readonly compactionBatchLimit?: number | undefined;
  /** The behaviour of an older release of etcd. */
  readonly behaviours?: StoreBehaviours | undefined;
}

export interface Committed<T> {
  readonly result: T;
  /** The revision of the store after the transaction. */
  readonly revision: number;
  /** The changes in order; if there are none, the transaction used no revision. */
  readonly events: readonly WatchEvent[];
}

export class Store extends StoreReader {
  override readonly leases: LeaseReader;
  private readonly index: KeyIndex;
  private readonly writableLeases: Leases;
  private readonly hashes = new HashStorage();
  private readonly compactionBatchLimit: number;

  /** Opens the store, and first finishes a compaction that was cut short. */
  constructor(
    protected override readonly backend: Backend,
    options: StoreOptions = {},
  ) {
    super(backend, options.behaviours);
    this.index = new KeyIndex(backend.tables.index);
    this.writableLeases = new Leases(backend.tables.lease);
    this.leases = this.writableLeases;
    this.compactionBatchLimit = options.compactionBatchLimit ?? COMPACTION_BATCH_LIMIT;
    this.finishCompaction();
  }

  private finishCompaction(): void {
    const { compactRev, finishedCompactRev = -1 } = this.current;
    if (compactRev <= finishedCompactRev) return;
    const hash = this.runCompaction(
      compactRev,
      finishedCompactRev,
      this.behaviours.has('restoreTombstone') ? 'keptUnlessFirst' : 'kept',
    );
    if (this.behaviours.has('hashStoredWhenResumed')) this.hashes.store(hash);
  }

  private runCompaction(revision: number, previousCompactRev: number, tombstone: TombstoneAtRev): KeyValueHash {
    const tombstoneAtRev = this.behaviours.has('tombstoneAtCompactRev') ? 'dropped' : tombstone;
    const { backend, index, compactionBatchLimit } = this;
    const hash = runCompaction(backend, index, revision, previousCompactRev, compactionBatchLimit, tombstoneAtRev);
    this.refresh();
    return hash;
  }

  /** Whether no revision is left for a write. */
  get isFull(): boolean {
    return isLastRevision(this.currentRev);
  }

  /** Reads what other processes have written. */
  refresh(): void {
    this.current = readState(this.backend, this.behaviours);
  }

  /** Runs `body` as one write transaction. If it throws, nothing is written. */
  write<T>(body: (txn: WriteTxn) => T): Committed<T> {
    const { result, txn } = this.backend.transaction(() => {
      this.refresh();
      const writing = this.writeTxn();
      return { result: body(writing), txn: writing };
    });
    if (txn.events.length > 0) this.current = { ...this.current, currentRev: txn.revision };
    return { result, revision: this.currentRev, events: txn.events };
  }

  private writeTxn(): WriteTxn {
    return new WriteTxn(this.backend, this.index, this.writableLeases, this.current);
  }

  /** Compacts at `rev`. Throws COMPACTED if that was already done, FUTURE_REVISION if `rev` is above the newest. */
  compact(rev: number): void {
    const { compactRev, scheduledCompactRev, finishedCompactRev } = this.scheduleCompaction(rev);
    // From now on the window begins at `rev`, even if the compaction fails half-way.
    this.refresh();
    const hash = this.runCompaction(rev, compactRev, 'kept');
    if (this.behaviours.has('hashNotStored')) return;
    // After a compaction that was cut short, this one has not read everything since the one before.
    const sawAll = scheduledCompactRev === finishedCompactRev;
    if (sawAll || this.behaviours.has('hashStoredWhenResumed')) this.hashes.store(hash);
  }

  /** Writes the mark of a scheduled compaction, and returns the state of the store before it. */
  private scheduleCompaction(rev: number): StoreState {
    return this.backend.transaction(() => {
      this.refresh();
      if (rev <= this.compactRev) throw alreadyCompacted(rev, this.current);
      checkRevision(rev, this.current);
      writeScheduledCompactRev(this.backend.tables.meta, rev);
      return this.current;
    });
  }

  /** Returns hashKV as a reader does, but remembers the hash of a compaction while the store is open. */
  override hash(rev = 0): KeyValueHash {
    return this.hashes.at(rev) ?? super.hash(rev);
  }

  /** Grants a lease; `deadlineMs` is ms since 1970. Throws LEASE_EXISTS, or LEASE_NOT_FOUND for id 0. */
  grantLease(id: bigint, ttlSeconds: number, deadlineMs?: number): void {
    this.backend.transaction(() => {
      this.refresh();
      this.writableLeases.grant(id, ttlSeconds, deadlineMs);
    });
  }

  /** Gives a lease its whole time again from `nowMs` on, and returns that time in seconds. Throws LEASE_NOT_FOUND. */
  keepLeaseAlive(id: bigint, nowMs: number): number {
    return this.backend.transaction(() => {
      this.refresh();
      const lease = this.writableLeases.get(id);
      if (lease === undefined) throw leaseNotFound(id);
      this.writableLeases.setDeadline(id, deadlineAfter(lease.ttlSeconds, nowMs));
      return lease.ttlSeconds;
    });
  }

  /** Deletes the lease and, in one revision and in key order, the keys attached to it. Throws LEASE_NOT_FOUND. */
  revokeLease(id: bigint): Committed<number> {
    return this.write((txn) => this.revokeIn(txn, id));
  }

  private revokeIn(txn: WriteTxn, id: bigint): number {
    if (!this.writableLeases.has(id)) throw leaseNotFound(id);
    const keys = this.writableLeases.keys(id);
    for (const key of keys) txn.deleteRange(key);
    this.writableLeases.remove(id);
    return keys.length;
  }

  /**
   * Revokes the leases that have run out at `nowMs`, each in a revision of its own, in order of their deadlines, then
   * ids, and returns how many. If there are none, nothing is written. Leases stay when no revision is left.
   */
  expireLeases(nowMs: number): number {
    if (this.writableLeases.isClockBack(nowMs)) this.backend.transaction(() => this.writableLeases.followClock(nowMs));
    let expired = 0;
    while (!this.isFull && (this.leases.nextDeadline() ?? Number.POSITIVE_INFINITY) <= nowMs) {
      expired += this.backend.transaction(() => {
        const due = this.writableLeases.takeDue(nowMs, EXPIRY_BATCH_LIMIT);
        let revoked = 0;
        for (const id of due) {
          this.refresh();
          if (this.isFull) break;
          this.revokeIn(this.writeTxn(), id);
          revoked++;
        }
        return revoked;
      });
      this.refresh();
    }
    return expired;
  }

  /** Builds the index and the lease attachments from the records, as etcd does at every start, and reads the window. */
  restore(): void {
    this.backend.transaction(() => {
      rebuildIndex(allRecords(this.backend.tables.key), this.backend.tables.index);
      rebuildAttachments(allRecords(this.backend.tables.key), this.writableLeases);
    });
    this.refresh();
    this.finishCompaction();
  }
}
