// A dump is a database as a list of items, which are its lines: what it is, its leases, its registered watchers, its
// records in order of revisions, and an end by which one that was cut short or altered is noticed.

import type { Lease } from '../../mvcc/leases.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type { StoreState } from '../../mvcc/store-state.js';
import type { WatchSpec } from '../../requests/watch-spec.js';

export interface DumpHeader extends StoreState {
  readonly kind: 'dump';
  /** The path of the database. */
  readonly from: string;
  /** The etcd file that the database is, or was imported from; undefined if no etcd had it. */
  readonly importedFrom: string | undefined;
  readonly etcdVersion: string | undefined;
  /** Why the answers of a database that was salvaged may not be all of the truth. */
  readonly doubts: string | undefined;
  /** The latest time at which the deadline of a lease was set. */
  readonly leaseClockMs: number | undefined;
}

interface DumpLease {
  readonly kind: 'lease';
  readonly lease: Lease;
}

interface DumpWatcher {
  readonly kind: 'watcher';
  readonly spec: WatchSpec;
}

interface DumpRecord {
  readonly kind: 'record';
  readonly record: StoredRecord;
}

export interface DumpEnd {
  readonly kind: 'end';
  readonly records: number;
  readonly leases: number;
  readonly watchers: number;
  /** HashKV at the newest revision. */
  readonly hash: number;
  /** CRC-32C over all lines before this one, in the form in which they are written. */
  readonly sum: number;
}

export type DumpItem = DumpHeader | DumpLease | DumpWatcher | DumpRecord | DumpEnd;
