// NewestRecords holds what a check knows of each key from its newest record so far, in columns of numbers.

import { KeyNumbers } from '../../adt/key-numbers.js';
import { NumberColumn } from '../../adt/number-column.js';
import { type KeyLife, LifeColumns } from '../../mvcc/life-columns.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type { Revision } from '../../mvcc/revision.js';

/** What the newest record of a key says. */
export interface NewestRecord extends KeyLife, Revision {
  /** 0 if there is none. */
  readonly lease: bigint;
}

export class NewestRecords {
  private readonly numbers = new KeyNumbers();
  private readonly lives = new LifeColumns();
  private readonly sub = new NumberColumn(Uint32Array);
  /** The places of leases in `leases`. */
  private readonly lease = new NumberColumn(Uint32Array);
  private readonly leases: bigint[] = [0n];
  private readonly leaseNumbers = new Map<bigint, number>();

  /** Returns what the newest record of a key says; undefined if there was none. */
  get(key: string): NewestRecord | undefined {
    const number = this.numbers.get(key);
    return number === undefined ? undefined : this.at(number);
  }

  /** Takes a record, which is the newest of its key. */
  set(record: StoredRecord): void {
    const number = this.numbers.add(record.key);
    const { sub, lease } = record;
    this.lives.set(number, record);
    this.sub.set(number, sub);
    // A column that is never set takes no memory.
    const leaseNumber = lease === 0n ? 0 : this.leaseNumber(lease);
    if (leaseNumber !== this.lease.at(number)) this.lease.set(number, leaseNumber);
  }

  /** Yields the keys whose newest records name a lease. */
  *leased(): Iterable<NewestRecord & { readonly key: string }> {
    if (this.leases.length === 1) return;
    for (let number = 0; number < this.numbers.size; number++) {
      if (this.lease.at(number) !== 0) yield { ...this.at(number), key: this.numbers.keyOf(number) };
    }
  }

  private at(number: number): NewestRecord {
    const { main, tombstone, createRevision, version } = this.lives.at(number)!;
    const lease = this.leases[this.lease.at(number)]!;
    return { main, sub: this.sub.at(number), tombstone, createRevision, version, lease };
  }

  private leaseNumber(lease: bigint): number {
    const known = this.leaseNumbers.get(lease);
    if (known !== undefined) return known;
    const number = this.leases.push(lease) - 1;
    this.leaseNumbers.set(lease, number);
    return number;
  }
}
