// The leases of a store that a log is applied to, and the keys that are attached to each. A lease has a number, from 1
// on, by which records name it.

import type { LeaseRecord } from '../lease-record.js';
import { MAX_TTL_SECONDS, MIN_TTL_SECONDS } from '../lease-ttl.js';

interface AppliedLease {
  ttlSeconds: number;
  remainingTtlSeconds: number;
  /** The numbers of the attached keys. */
  readonly keys: Set<number>;
}

export class AppliedLeases {
  private readonly ids: bigint[] = [0n];
  private readonly numbers = new Map<bigint, number>([[0n, 0]]);
  /** The leases that are there, by their numbers. */
  private readonly leases = new Map<number, AppliedLease>();

  /** Returns the number of an id, whether or not there is such a lease; 0 for 0. */
  numberOf(id: bigint): number {
    const known = this.numbers.get(id);
    if (known !== undefined) return known;
    this.ids.push(id);
    this.numbers.set(id, this.ids.length - 1);
    return this.ids.length - 1;
  }

  idOf(number: number): bigint {
    return this.ids[number]!;
  }

  has(number: number): boolean {
    return this.leases.has(number);
  }

  restore({ id, ttlSeconds, remainingTtlSeconds }: LeaseRecord): void {
    this.leases.set(this.numberOf(id), { ttlSeconds, remainingTtlSeconds, keys: new Set() });
  }

  /** Grants a lease; returns why it is not granted, if so. */
  grant(id: bigint, ttlSeconds: number): 'lease not found' | 'TTL too large' | 'lease exists' | undefined {
    if (id === 0n) return 'lease not found';
    if (ttlSeconds > MAX_TTL_SECONDS) return 'TTL too large';
    if (this.leases.has(this.numberOf(id))) return 'lease exists';
    this.restore({ id, ttlSeconds: Math.max(ttlSeconds, MIN_TTL_SECONDS), remainingTtlSeconds: 0 });
    return undefined;
  }

  /** Records how much time a lease has left. */
  checkpoint(id: bigint, remainingTtlSeconds: number): void {
    const lease = this.leases.get(this.numberOf(id));
    if (lease !== undefined) lease.remainingTtlSeconds = Math.max(remainingTtlSeconds, 0);
  }

  /** Returns the numbers of the keys that are attached; undefined if there is no such lease. */
  keys(number: number): ReadonlySet<number> | undefined {
    return this.leases.get(number)?.keys;
  }

  remove(number: number): void {
    this.leases.delete(number);
  }

  attach(number: number, key: number): void {
    this.leases.get(number)?.keys.add(key);
  }

  detach(number: number, key: number): void {
    this.leases.get(number)?.keys.delete(key);
  }

  *list(): Iterable<LeaseRecord> {
    for (const [number, { ttlSeconds, remainingTtlSeconds }] of this.leases) {
      yield { id: this.idOf(number), ttlSeconds, remainingTtlSeconds };
    }
  }
}
