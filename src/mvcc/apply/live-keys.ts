// The keys of a store that a log is applied to, and what the newest record of each says: columns by the number of the
// key. Their order is only known once something asks for a range: most logs never do.

import { KeyNumbers } from '../../adt/key-numbers.js';
import { NumberColumn } from '../../adt/number-column.js';
import { SortedRuns } from '../../adt/sorted-runs.js';
import type { RequestKey } from '../../wal/request.js';
import type { KeyRange } from '../key-range.js';

export class LiveKeys {
  private readonly numbers = new KeyNumbers();
  /** These three are of the newest put; a version of 0 is of a key that is not there. */
  private readonly createRevisions = new NumberColumn(Float64Array);
  private readonly versions = new NumberColumn(Float64Array);
  private readonly modRevisions = new NumberColumn(Float64Array);
  private readonly subs = new NumberColumn(Uint32Array);
  private readonly leases = new NumberColumn(Uint32Array);
  private count = 0;
  private order: KeyOrder | undefined;

  /** The number of keys that are there. */
  get size(): number {
    return this.count;
  }

  /** Returns the number of a key, which gets the next one if it has none. */
  add(key: string): number {
    return this.numbers.add(key);
  }

  /** Does what `add` does for the key of a request. */
  addKey({ bytes, keyStart, keyEnd }: RequestKey): number {
    return this.numbers.addBytes(bytes, keyStart, keyEnd);
  }

  keyOf(number: number): string {
    return this.numbers.keyOf(number);
  }

  /** Returns the number of a key that is there; undefined if it is not. */
  find(key: string): number | undefined {
    const number = this.numbers.get(key);
    return number === undefined || this.versions.at(number) === 0 ? undefined : number;
  }

  /** Does what `find` does for the key of a request. */
  findKey({ bytes, keyStart, keyEnd }: RequestKey): number | undefined {
    const number = this.numbers.getBytes(bytes, keyStart, keyEnd);
    return number === undefined || this.versions.at(number) === 0 ? undefined : number;
  }

  /** 0 if the key is not there. */
  version(number: number): number {
    return this.versions.at(number);
  }

  createRevision(number: number): number {
    return this.createRevisions.at(number);
  }

  modRevision(number: number): number {
    return this.modRevisions.at(number);
  }

  /** The place of the newest put in its revision. */
  sub(number: number): number {
    return this.subs.at(number);
  }

  /** The number of the lease, from 1 on; 0 if there is none. */
  lease(number: number): number {
    return this.leases.at(number);
  }

  put(number: number, main: number, sub: number, lease: number, createRevision: number, version: number): void {
    if (this.versions.at(number) === 0) {
      this.count++;
      this.order?.insert(number);
    }
    this.createRevisions.set(number, createRevision);
    this.versions.set(number, version);
    this.modRevisions.set(number, main);
    this.subs.set(number, sub);
    this.leases.set(number, lease);
  }

  delete(number: number): void {
    if (this.versions.at(number) === 0) return;
    this.count--;
    this.order?.delete(number);
    this.versions.set(number, 0);
    this.leases.set(number, 0);
  }

  /** Yields the numbers of all keys that are there, in no order. */
  *all(): Iterable<number> {
    for (let number = 0; number < this.numbers.size; number++) if (this.versions.at(number) > 0) yield number;
  }

  /** Returns the numbers of the keys in the range that are there, in the order of the keys. */
  inRange({ key, end }: KeyRange): number[] {
    if (end === undefined) {
      const number = this.find(key);
      return number === undefined ? [] : [number];
    }
    this.order ??= new KeyOrder(this.numbers, (number) => this.versions.at(number) > 0);
    return this.order.inRange(key, end);
  }
}

/** Where fewer keys than this share of all were added since, they are added one by one. */
const FEW = 1 / 16;

/** Keys in their order. The ones that were added last come into it when a range is asked for. */
class KeyOrder {
  private runs = new SortedRuns((a, b) => this.numbers.keyOf(a) < this.numbers.keyOf(b));
  private ordered = 0;
  private readonly added = new Set<number>();

  constructor(
    private readonly numbers: KeyNumbers,
    private readonly isThere: (number: number) => boolean,
  ) {
    this.rebuild();
  }

  private rebuild(): void {
    const keys: { readonly key: string; readonly number: number }[] = [];
    for (let number = 0; number < this.numbers.size; number++) {
      if (this.isThere(number)) keys.push({ key: this.numbers.keyOf(number), number });
    }
    keys.sort((a, b) => (a.key < b.key ? -1 : 1));
    this.runs.fill(keys.map(({ number }) => number));
    this.ordered = keys.length;
    this.added.clear();
  }

  insert(number: number): void {
    this.added.add(number);
  }

  delete(number: number): void {
    if (this.added.delete(number)) return;
    this.runs.delete(number);
    this.ordered--;
  }

  inRange(key: string, end: string): number[] {
    if (this.added.size > 100 + this.ordered * FEW) this.rebuild();
    for (const number of this.added) {
      this.runs.insert(number);
      this.ordered++;
    }
    this.added.clear();
    const found: number[] = [];
    for (const number of this.runs.from((other) => this.numbers.keyOf(other) < key)) {
      if (end !== '' && this.numbers.keyOf(number) >= end) break;
      found.push(number);
    }
    return found;
  }
}
