// A chunk holds the records of a stretch of the history that some watcher wants. It has a column for each thing that is
// needed of them; a record's index in the columns is its place.

import type { RevisionKey } from '../../mvcc/revision.js';
import type { ClassRange } from '../run/key-classes.js';

/** The state of a key one revision before: ABSENT, UNKNOWABLE, or the digest of its record. */
export type Prior = number;
export const ABSENT: Prior = -1;
export const UNKNOWABLE: Prior = -2;
export const NOT_LOOKED_UP: Prior = -3;

const FIRST_CAPACITY = 64;
const BYTES_PER_RECORD = 27;
const BYTES_PER_CLASS = 200;

/** The places of the records that a range of classes may want, in order. */
export interface Places {
  readonly length: number;
  /** The places; undefined for every place of the chunk. */
  readonly list: ArrayLike<number> | undefined;
}

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

function resized<C extends Column>(column: C, copy: C): C {
  copy.set(column.subarray(0, copy.length));
  return copy;
}

export class Chunk {
  length = 0;
  private offset = new Uint16Array(0);
  keyClass = new Uint32Array(0);
  tombstone = new Uint8Array(0);
  digest = new Uint32Array(0);
  prior = new Float64Array(0);
  /** The places of the records of each class, as long as more records can come. */
  private readonly growing = new Map<number, number[]>();
  /** The same once no more can come. These are off the heap, as the collector lets it grow to a multiple of its use. */
  private readonly closed = new Map<number, Uint32Array>();
  /** The last place of each key, as long as more records can come. */
  private lastPlaces = new Map<string, number>();
  /** The revision up to which the history was read. */
  readTo = 0;
  /** The number of the next chunk that has records; Infinity when the history ends before one. */
  next = Number.POSITIVE_INFINITY;

  constructor(
    readonly number: number,
    readonly firstMain: number,
  ) {}

  get sizeBytes(): number {
    return this.offset.length * BYTES_PER_RECORD + (this.growing.size + this.closed.size) * BYTES_PER_CLASS;
  }

  mainAt(place: number): number {
    return this.firstMain + this.offset[place]!;
  }

  push(key: string, { main, tombstone }: RevisionKey, keyClass: number, digest: number, prior: Prior): void {
    if (this.length === this.offset.length) this.resize(Math.max(2 * this.length, FIRST_CAPACITY));
    const place = this.length++;
    this.offset[place] = main - this.firstMain;
    this.keyClass[place] = keyClass;
    this.tombstone[place] = tombstone ? 1 : 0;
    this.digest[place] = digest;
    this.prior[place] = prior;
    this.lastPlaces.set(key, place);
    const same = this.growing.get(keyClass);
    if (same === undefined) this.growing.set(keyClass, [place]);
    else same.push(place);
  }

  private resize(capacity: number): void {
    this.offset = resized(this.offset, new Uint16Array(capacity));
    this.keyClass = resized(this.keyClass, new Uint32Array(capacity));
    this.tombstone = resized(this.tombstone, new Uint8Array(capacity));
    this.digest = resized(this.digest, new Uint32Array(capacity));
    this.prior = resized(this.prior, new Float64Array(capacity));
  }

  /** Notes that the records so far do not tell what a key was. */
  forget(key: string): void {
    this.lastPlaces.delete(key);
  }

  /** Returns what a key was before a revision; undefined when the chunk does not say. */
  priorOf(key: string, main: number): Prior | undefined {
    const last = this.lastPlaces.get(key);
    if (last === undefined) return undefined;
    return this.mainAt(last) === main ? this.prior[last]! : this.after(last);
  }

  private after(place: number): Prior {
    return this.tombstone[place] === 1 ? ABSENT : this.digest[place]!;
  }

  /** Closes the chunk, as no more records come, and returns what each key is at its end. */
  close(next: number): [key: string, prior: Prior][] {
    this.next = next;
    this.resize(this.length);
    const ends = [...this.lastPlaces].map(([key, place]): [string, Prior] => [key, this.after(place)]);
    this.lastPlaces = new Map();
    for (const [keyClass, places] of this.growing) this.closed.set(keyClass, Uint32Array.from(places));
    this.growing.clear();
    return ends;
  }

  /**
   * Returns the places of a range: a list when the range is one class; else the caller looks at each record's class.
   */
  places({ first, last }: ClassRange): Places {
    if (last > first) return { length: this.length, list: undefined };
    const list = this.closed.get(first) ?? this.growing.get(first) ?? [];
    return { length: list.length, list };
  }
}
