// The history as the checks need it: for each record that some watcher wants, 23 bytes in typed arrays instead of the
// record. Read in chunks of whole revisions, on demand; the chunks used last are kept, others are read again.
//
// This is what makes many watchers over a long history cheap: a record is read, decoded and digested once, and a
// watcher passes over those it does not want at about a nanosecond each.

import type { KeyValue } from '../../mvcc/key-value.js';
import { LostRecordError, type RangeRequest, type RangeResult } from '../../mvcc/range.js';
import { eventOf, type StoredRecord } from '../../mvcc/record.js';
import { digestOf } from './event-digest.js';
import { type ClassRange, type KeyClasses, NO_CLASS } from './key-classes.js';

/** All that has happened, or will in the replay. It must not change while it is checked. */
export interface CheckHistory {
  readonly currentRev: number;
  /** Below it records may be missing, so that nothing is checked there. */
  readonly compactRev: number;
  records(fromMain: number, toMain: number): Iterable<StoredRecord>;
  range(request: RangeRequest): RangeResult;
}

/** What a key was one revision before: ABSENT, UNKNOWABLE, or the digest of its record. */
export type Prior = number;
export const ABSENT: Prior = -1;
export const UNKNOWABLE: Prior = -2;
const NOT_LOOKED_UP: Prior = -3;

export interface Chunking {
  /** At most 65,536. */
  readonly revisionsPerChunk: number;
  readonly maxKeptBytes: number;
}

export const DEFAULT_CHUNKING: Chunking = { revisionsPerChunk: 65_536, maxKeptBytes: 100_000_000 };
const BYTES_PER_RECORD = 23;
/** Some 20 MB. */
const MAX_CARRIED_KEYS = 200_000;

/** The places in a chunk of the records that a range of classes may want, in order. */
interface Places {
  readonly length: number;
  /** Undefined: all. */
  readonly list: Uint32Array | undefined;
}

export class Chunk {
  readonly length: number;
  private readonly offset: Uint16Array;
  readonly keyClass: Uint32Array;
  readonly tombstone: Uint8Array;
  readonly digest: Uint32Array;
  readonly prior: Float64Array;
  /** The places of the records, sorted by class; those of a class begin at classStart. */
  private readonly byClass: Uint32Array;
  private readonly classStart: Uint32Array;

  constructor(
    columns: ChunkColumns,
    private readonly firstMain: number,
    /** The number of the next chunk that has records; Infinity for none. */
    readonly next: number,
    classes: number,
  ) {
    this.length = columns.main.length;
    this.offset = Uint16Array.from(columns.main, (main) => main - firstMain);
    this.keyClass = Uint32Array.from(columns.keyClass);
    this.tombstone = Uint8Array.from(columns.tombstone);
    this.digest = Uint32Array.from(columns.digest);
    this.prior = Float64Array.from(columns.prior);
    this.classStart = new Uint32Array(classes + 1);
    for (const keyClass of this.keyClass) this.classStart[keyClass + 1]!++;
    for (let i = 0; i < classes; i++) this.classStart[i + 1]! += this.classStart[i]!;
    const nextFree = this.classStart.slice();
    this.byClass = new Uint32Array(this.length);
    for (let place = 0; place < this.length; place++) this.byClass[nextFree[this.keyClass[place]!]!++] = place;
  }

  get sizeBytes(): number {
    return this.length * BYTES_PER_RECORD + this.classStart.byteLength;
  }

  mainAt(place: number): number {
    return this.firstMain + this.offset[place]!;
  }

  /** A list where the range is one class; for a longer one the caller has to look at each record's class. */
  places({ first, last }: ClassRange): Places {
    if (last < first) return { length: 0, list: undefined };
    if (last > first) return { length: this.length, list: undefined };
    const list = this.byClass.subarray(this.classStart[first]!, this.classStart[first + 1]!);
    return { length: list.length, list };
  }
}

interface ChunkColumns {
  readonly main: number[];
  readonly keyClass: number[];
  readonly tombstone: number[];
  readonly digest: number[];
  readonly prior: Prior[];
}

export class HistoryChunks {
  /** The one used last comes last. */
  private readonly kept = new Map<number, Chunk>();
  private newest: { readonly number: number; readonly chunk: Chunk } | undefined;
  private keptBytes = 0;
  /** What keys were at the end of the chunk read last, so that reading the next one saves looking them up. */
  private carried = new Map<string, Prior>();
  private carriedTo = -1;

  constructor(
    readonly history: CheckHistory,
    private readonly classes: KeyClasses,
    private readonly chunking = DEFAULT_CHUNKING,
  ) {}

  /** Of the chunk that a revision belongs to. */
  numberOf(main: number): number {
    return Math.floor(main / this.chunking.revisionsPerChunk);
  }

  chunk(number: number): Chunk {
    if (this.newest?.number === number) return this.newest.chunk;
    let chunk = this.kept.get(number);
    if (chunk === undefined) {
      chunk = this.read(number);
      this.keptBytes += chunk.sizeBytes;
    } else {
      this.kept.delete(number);
    }
    this.kept.set(number, chunk);
    this.newest = { number, chunk };
    for (const [oldest, { sizeBytes }] of this.kept) {
      if (this.keptBytes <= this.chunking.maxKeptBytes || oldest === number) break;
      this.kept.delete(oldest);
      this.keptBytes -= sizeBytes;
    }
    return chunk;
  }

  private read(number: number): Chunk {
    const { history, classes } = this;
    const { revisionsPerChunk } = this.chunking;
    const firstMain = number * revisionsPerChunk;
    const columns: ChunkColumns = { main: [], keyClass: [], tombstone: [], digest: [], prior: [] };
    const lastPlaces = new Map<string, number>();
    if (number !== this.carriedTo) this.carried.clear();
    let next = Number.POSITIVE_INFINITY;
    for (const record of history.records(Math.max(firstMain, history.compactRev, 0), history.currentRev)) {
      if (record.main >= firstMain + revisionsPerChunk) {
        next = this.numberOf(record.main);
        break;
      }
      const keyClass = classes.classOf(record.key);
      if (keyClass === NO_CLASS) continue;
      const event = eventOf(record);
      const last = lastPlaces.get(record.key);
      columns.prior.push(last === undefined ? this.carriedPrior(record.key) : priorAfter(columns, last, record.main));
      lastPlaces.set(record.key, columns.main.length);
      columns.main.push(record.main);
      columns.keyClass.push(keyClass);
      columns.tombstone.push(record.tombstone ? 1 : 0);
      columns.digest.push(digestOf(event.type, event.kv));
    }
    this.carry(columns, lastPlaces, next);
    return new Chunk(columns, firstMain, next, classes.count);
  }

  private carriedPrior(key: string): Prior {
    return this.carried.get(key) ?? NOT_LOOKED_UP;
  }

  private carry(columns: ChunkColumns, lastPlaces: ReadonlyMap<string, number>, next: number): void {
    for (const [key, last] of lastPlaces) this.carried.set(key, priorAfter(columns, last, Number.POSITIVE_INFINITY));
    if (this.carried.size > MAX_CARRIED_KEYS) this.carried.clear();
    this.carriedTo = next;
  }

  /** What the key of the record at `place` was one revision before. */
  priorAt(chunk: Chunk, place: number, key: string): Prior {
    let prior = chunk.prior[place]!;
    if (prior === NOT_LOOKED_UP) {
      prior = this.priorOf(key, chunk.mainAt(place));
      chunk.prior[place] = prior;
    }
    return prior;
  }

  /** What a key was one revision before `main`. */
  priorOf(key: string, main: number): Prior {
    const { currentRev, compactRev } = this.history;
    if (main - 1 < compactRev || main - 1 > currentRev) return UNKNOWABLE;
    const kv = this.recordBefore(key, main);
    return kv === undefined ? ABSENT : kv === 'lost' ? UNKNOWABLE : digestOf('PUT', kv);
  }

  recordBefore(key: string, main: number): KeyValue | undefined | 'lost' {
    // The store starts at revision 1, empty; a read at 0 would be one at the newest.
    if (main <= 1) return undefined;
    try {
      return this.history.range({ key, rev: main - 1 }).kvs[0];
    } catch (error) {
      if (error instanceof LostRecordError) return 'lost';
      throw error;
    }
  }
}

/** What the key of the record at `last` was one revision before `at`, where no other record of it lies between. */
function priorAfter({ main, tombstone, digest, prior }: ChunkColumns, last: number, at: number): Prior {
  if (main[last] === at) return prior[last]!;
  return tombstone[last] === 1 ? ABSENT : digest[last]!;
}
