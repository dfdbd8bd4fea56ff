// One write transaction of the store. Its puts and deletes share a main revision, each has its own sub-revision, and
// its reads see what it has written. Follows kvstore_txn.go.

import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import type { Backend } from './backend.js';
import { type KeyIndex, stateAfterDelete, stateAfterPut } from './key-index.js';
import { encodeKeyValue, encodeTombstone, type KeyValue } from './key-value.js';
import { type Leases, leaseNotFound } from './leases.js';
import { type RangeRequest, type RangeResult, rangeAt } from './range.js';
import { StoredRecord, type WatchEvent } from './record.js';
import { encodeRevisionKey, isLastRevision, type Revision } from './revision.js';
import type { StoreState } from './store-state.js';
import { checkRevision } from './window.js';

const EMPTY = Buffer.alloc(0);

/** The highest version that can be read. An import may bring a key that has it. */
const MAX_VERSION = Number.MAX_SAFE_INTEGER;

export class WriteTxn {
  /** The changes of the transaction so far, in order. */
  readonly events: WatchEvent[] = [];

  constructor(
    private readonly backend: Backend,
    private readonly index: KeyIndex,
    private readonly leases: Leases,
    private readonly before: StoreState,
  ) {}

  /** The revision of reads in the transaction and of its response: its own after its first write. */
  get revision(): number {
    return this.before.currentRev + (this.events.length > 0 ? 1 : 0);
  }

  /** Throws FULL if there is none that can be read. */
  private nextRevision(): Revision {
    const { currentRev } = this.before;
    if (isLastRevision(currentRev)) throw noRevisionLeft(currentRev);
    return { main: currentRev + 1, sub: this.events.length };
  }

  /** Puts a key. Throws LEASE_NOT_FOUND if `lease` is neither 0 nor the id of a lease, FULL if no revision is left. */
  put(key: string, value: Buffer, lease = 0n): void {
    if (lease !== 0n && !this.leases.has(lease)) throw leaseNotFound(lease);
    const revision = this.nextRevision();
    const before = this.index.latest(key);
    const alive = before !== undefined && !before.tombstone;
    const oldLease = alive ? this.leaseAt(before) : 0n;
    const state = stateAfterPut(before, revision);
    if (state.version > MAX_VERSION) throw noVersionLeft(key);
    const kv: KeyValue = {
      key,
      createRevision: state.createRevision,
      modRevision: revision.main,
      version: state.version,
      value,
      lease,
    };
    this.backend.tables.key.put(encodeRevisionKey(revision), encodeKeyValue(kv));
    this.index.append(key, state);
    if (oldLease !== lease) {
      if (oldLease !== 0n) this.leases.detach(oldLease, key);
      if (lease !== 0n) this.leases.attach(lease, key);
    }
    this.events.push({ type: 'PUT', kv });
  }

  /** Deletes the keys in [key, end), or the one key, and returns how many there were. Throws FULL. */
  deleteRange(key: string, end?: string): number {
    const found = [...this.index.range(key, end, this.revision)];
    for (const target of found) this.delete(target.key, this.leaseAt(target.revision));
    return found.length;
  }

  private delete(key: string, oldLease: bigint): void {
    const revision = this.nextRevision();
    this.backend.tables.key.put(encodeRevisionKey(revision, true), encodeTombstone(key));
    this.index.append(key, stateAfterDelete(revision));
    if (oldLease !== 0n) this.leases.detach(oldLease, key);
    const kv = { key, createRevision: 0, modRevision: revision.main, version: 0, value: EMPTY, lease: 0n };
    this.events.push({ type: 'DELETE', kv });
  }

  range(request: RangeRequest): RangeResult {
    return rangeAt(
      this.backend.tables.key,
      ({ key, end }, rev) => this.index.range(key, end, rev),
      { ...this.before, currentRev: this.revision },
      request,
    );
  }

  /** Throws COMPACTED or FUTURE_REVISION if a read at `rev` had done so before the transaction wrote anything. */
  checkRevision(rev: number): void {
    checkRevision(rev, this.before);
  }

  /** Returns the lease of the record at `revision`; 0 if compaction has deleted the record. */
  private leaseAt(revision: Revision): bigint {
    const revisionKey = encodeRevisionKey(revision);
    const bytes = this.backend.tables.key.get(revisionKey);
    return bytes === undefined ? 0n : new StoredRecord(revisionKey, bytes).lease;
  }
}

function noRevisionLeft(currentRev: number): MvccwError {
  return new MvccwError('FULL', `no revision is left: the newest, ${currentRev}, is the highest that can be read`, {
    hint: 'everything can still be read; to write on, put the keys into a new database, which begins at revision 1',
  });
}

function noVersionLeft(key: string): MvccwError {
  return new MvccwError('FULL', `no version is left of key ${quoteKey(key)}: it has the highest that can be read`, {
    hint: 'delete the key first',
  });
}
