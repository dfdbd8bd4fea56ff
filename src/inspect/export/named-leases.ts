// The leases of a key space as of a revision. A file has the leases that are alive when it is written. One that was alive
// at an earlier revision may have run out since, and nothing is left of it but its id, in the records of its keys.
//
// Such a lease is granted anew. Without it, its keys would never be deleted; and etcd, which takes such a file, ends with
// a panic when one of them is put with `--ignore-lease`, at each start again.

import type { Entry } from '../../mvcc/backend.js';
import { idBytes } from '../../mvcc/lease-entry.js';
import { encodeLease, type LeaseRecord } from '../../mvcc/lease-record.js';
import type { LeaseReader } from '../../mvcc/leases.js';
import type { StoredRecord } from '../../mvcc/record.js';

/** Returns a lease as etcd keeps it. */
export function leaseEntry(lease: LeaseRecord): Entry {
  return { key: idBytes(lease.id), value: encodeLease(lease) };
}

export class NamedLeases {
  /** The number of keys that name each lease. */
  private readonly keysOf = new Map<bigint, number>();
  /** The number of leases that are granted anew, and of the keys that name them; known when all leases were taken. */
  granted = 0;
  keysOfGranted = 0;

  constructor(
    private readonly known: LeaseReader,
    private readonly ttlSeconds: number,
  ) {}

  /** Takes a record of the key space. */
  observe({ lease }: StoredRecord): void {
    if (lease !== 0n) this.keysOf.set(lease, (this.keysOf.get(lease) ?? 0) + 1);
  }

  /** Yields the leases that records name, in the order of their ids. */
  *leases(): Iterable<LeaseRecord> {
    const named = [...this.keysOf].sort(([a], [b]) => (BigInt.asUintN(64, a) < BigInt.asUintN(64, b) ? -1 : 1));
    for (const [id, keys] of named) {
      const known = this.known.get(id);
      if (known === undefined) {
        this.granted++;
        this.keysOfGranted += keys;
      }
      yield known ?? { id, ttlSeconds: this.ttlSeconds, remainingTtlSeconds: 0 };
    }
  }
}
