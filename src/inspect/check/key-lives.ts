// KeyLives holds what a check knows of each key from its newest record so far, in about 60 bytes a key.

import { KeyNumbers } from '../../adt/key-numbers.js';
import type { KeyLife } from '../../mvcc/history-check.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type { Revision } from '../../mvcc/revision.js';

const TOMBSTONE = 1;
const FIRST_CAPACITY = 1024;

/** What the newest record of a key says. */
export interface NewestRecord extends KeyLife, Revision {
  /** 0 if there is none. */
  readonly lease: bigint;
}

export class KeyLives {
  private readonly numbers = new KeyNumbers();
  private readonly leases: bigint[] = [0n];
  private readonly leaseNumbers = new Map<bigint, number>([[0n, 0]]);
  private main = new Float64Array(FIRST_CAPACITY);
  private createRevision = new Float64Array(FIRST_CAPACITY);
  private version = new Float64Array(FIRST_CAPACITY);
  private sub = new Uint32Array(FIRST_CAPACITY);
  private lease = new Uint32Array(FIRST_CAPACITY);
  private flags = new Uint8Array(FIRST_CAPACITY);

  /** Returns what the newest record of a key says; undefined if there was none. */
  get(key: string): NewestRecord | undefined {
    const number = this.numbers.get(key);
    return number === undefined ? undefined : this.at(number);
  }

  /** Takes a record, which is the newest of its key. */
  set(record: StoredRecord): void {
    const number = this.numbers.add(record.key);
    if (number === this.main.length) this.grow();
    this.main[number] = record.main;
    this.sub[number] = record.sub;
    this.createRevision[number] = record.createRevision;
    this.version[number] = record.version;
    this.flags[number] = record.tombstone ? TOMBSTONE : 0;
    this.lease[number] = record.lease === 0n ? 0 : this.leaseNumber(record.lease);
  }

  /** Yields the newest records that name a lease. */
  *leased(): Iterable<NewestRecord> {
    if (this.leases.length === 1) return;
    for (let number = 0; number < this.numbers.size; number++) if (this.lease[number] !== 0) yield this.at(number);
  }

  private at(number: number): NewestRecord {
    return {
      main: this.main[number]!,
      sub: this.sub[number]!,
      tombstone: this.flags[number] === TOMBSTONE,
      createRevision: this.createRevision[number]!,
      version: this.version[number]!,
      lease: this.leases[this.lease[number]!]!,
    };
  }

  private leaseNumber(lease: bigint): number {
    const known = this.leaseNumbers.get(lease);
    if (known !== undefined) return known;
    const number = this.leases.push(lease) - 1;
    this.leaseNumbers.set(lease, number);
    return number;
  }

  private grow(): void {
    this.main = larger(this.main, Float64Array);
    this.createRevision = larger(this.createRevision, Float64Array);
    this.version = larger(this.version, Float64Array);
    this.sub = larger(this.sub, Uint32Array);
    this.lease = larger(this.lease, Uint32Array);
    this.flags = larger(this.flags, Uint8Array);
  }
}

type Column = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

function larger<T extends Column>(column: T, type: new (length: number) => T): T {
  const copy = new type(column.length * 2);
  copy.set(column);
  return copy;
}
