// A LeaseKeeper keeps a lease alive. As etcd's client does, it gives the lease its whole time again each time a third
// of it has passed. It notices when the lease is gone.

import { leaseNotFound } from '../mvcc/leases.js';
import { LiveDatabase } from './live-database.js';
import { checkWritten } from './only-read.js';

export interface KeptLease {
  readonly id: bigint;
  readonly ttlSeconds: number;
  readonly revision: number;
}

export interface LeaseKeeperOptions {
  /** Returns the time, in ms since 1970. */
  now(): number;
  /** Called about once a second; false ends the work. */
  isWanted?(): boolean;
}

const MS_PER_SECOND = 1000;

export class LeaseKeeper {
  private readonly database: LiveDatabase;
  private renewAtMs = 0;
  private stopped = false;

  /** Throws the errors that LiveDatabase throws, and USAGE for what is no database of mvccw. */
  constructor(
    path: string,
    private readonly id: bigint,
    private readonly options: LeaseKeeperOptions,
  ) {
    checkWritten(path);
    this.database = new LiveDatabase(path, () => options.now());
  }

  /** Resolves when the lease was kept alive once more; undefined after stop(). Throws LEASE_NOT_FOUND. */
  async next(): Promise<KeptLease | undefined> {
    while (!this.stopped && this.options.isWanted?.() !== false) {
      const untilRenewalMs = this.renewAtMs - performance.now();
      if (untilRenewalMs <= 0) return this.renew();
      if (!this.database.read((store) => store.leases.has(this.id))) throw leaseNotFound(this.id);
      await this.database.rest(untilRenewalMs);
    }
    return undefined;
  }

  private renew(): KeptLease {
    const kept = this.database.write((store) => {
      const ttlSeconds = store.keepLeaseAlive(this.id, this.options.now());
      return { id: this.id, ttlSeconds, revision: store.currentRev };
    });
    this.renewAtMs = performance.now() + (kept.ttlSeconds * MS_PER_SECOND) / 3;
    return kept;
  }

  stop(): void {
    this.stopped = true;
    this.database.wake();
  }

  close(): void {
    this.database.close();
  }
}
