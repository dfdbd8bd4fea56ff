// The checks need some 30 bytes of each record that a watcher wants. This history keeps them in typed arrays instead of
// the records. It reads chunks of whole revisions on demand; it keeps the chunks that were used last, and reads others
// again.
//
// This makes many watchers over a long history cheap: a record is read, decoded and digested once, and a watcher passes
// over a record that it does not want in about a nanosecond.

import type { History } from '../../mvcc/history.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import { LostRecordError } from '../../mvcc/range.js';
import { eventOf } from '../../mvcc/record.js';
import { type KeyClasses, NO_CLASS } from '../run/key-classes.js';
import { digestOf } from './event-digest.js';
import { ABSENT, Chunk, NOT_LOOKED_UP, type Prior, UNKNOWABLE } from './history-chunk.js';

export interface Chunking {
  /** The number of records in a chunk, at most 65,536. */
  readonly revisionsPerChunk: number;
  readonly maxKeptBytes: number;
}

const DEFAULT_CHUNKING: Chunking = { revisionsPerChunk: 65_536, maxKeptBytes: 128_000_000 };

/** The default takes some 20 MB. */
const MAX_CARRIED_KEYS = 200_000;

export class HistoryChunks {
  /** The chunks that are kept; the one that was used last comes last. */
  private readonly kept = new Map<number, Chunk>();
  private newest: Chunk | undefined;
  private keptBytes = 0;
  private seenRev = 0;
  /** The states of keys where chunk `carriedTo` begins, so that they need not be looked up to read it. */
  private readonly carried = new Map<string, Prior>();
  private carriedTo = -1;

  constructor(
    readonly history: History,
    private readonly classes: KeyClasses,
    private readonly chunking = DEFAULT_CHUNKING,
  ) {}

  /** Returns the number of the chunk to which a revision belongs. */
  numberOf(main: number): number {
    return Math.floor(main / this.chunking.revisionsPerChunk);
  }

  /** Returns a chunk, as far as the history goes. It is good until the history changes. */
  chunk(number: number): Chunk {
    this.refresh();
    let chunk = this.newest;
    if (chunk?.number !== number) {
      chunk = this.kept.get(number) ?? new Chunk(number, number * this.chunking.revisionsPerChunk);
      if (!this.kept.delete(number)) this.keptBytes += chunk.sizeBytes;
      this.kept.set(number, chunk);
      this.newest = chunk;
    }
    if (chunk.readTo < this.history.currentRev && chunk.next === Number.POSITIVE_INFINITY) {
      this.keptBytes -= chunk.sizeBytes;
      this.extend(chunk);
      this.keptBytes += chunk.sizeBytes;
      this.forgetOldest(chunk);
    }
    return chunk;
  }

  /** Forgets what was read, if the history has gone back. */
  refresh(): void {
    const { currentRev } = this.history;
    if (currentRev < this.seenRev) {
      this.kept.clear();
      this.newest = undefined;
      this.keptBytes = 0;
      this.carried.clear();
      this.carriedTo = -1;
    }
    this.seenRev = currentRev;
  }

  private forgetOldest(except: Chunk): void {
    for (const [number, chunk] of this.kept) {
      if (this.keptBytes <= this.chunking.maxKeptBytes || chunk === except) return;
      this.kept.delete(number);
      this.keptBytes -= chunk.sizeBytes;
    }
  }

  /** Reads on where the chunk ends, up to the first record that belongs to another chunk. */
  private extend(chunk: Chunk): void {
    const { history, classes } = this;
    const { currentRev } = history;
    const fromMain = Math.max(chunk.firstMain, chunk.readTo + 1, history.compactRev);
    const end = chunk.firstMain + this.chunking.revisionsPerChunk;
    const carried = this.carriedTo === chunk.number ? this.carried : undefined;
    // A key that the chunk has not seen was absent, if the chunk has seen the history from its beginning.
    const unseen = chunk.number === 0 && history.compactRev <= 1 ? ABSENT : NOT_LOOKED_UP;
    for (const record of history.records(fromMain, currentRev)) {
      if (record.main >= end) {
        this.carry(chunk, this.numberOf(record.main));
        return;
      }
      const { key } = record;
      const keyClass = classes.classOf(key);
      if (keyClass === NO_CLASS) continue;
      const { type, kv } = eventOf(record);
      const prior = chunk.priorOf(key, record.main) ?? carried?.get(key) ?? unseen;
      chunk.push(key, record, keyClass, digestOf(type, kv), prior);
      // Compaction at this revision may have taken a later change of the key in the same transaction.
      if (record.main === history.compactRev) chunk.forget(key);
    }
    chunk.readTo = currentRev;
  }

  private carry(chunk: Chunk, next: number): void {
    if (this.carriedTo !== chunk.number) this.carried.clear();
    for (const [key, prior] of chunk.close(next)) this.carried.set(key, prior);
    if (this.carried.size > MAX_CARRIED_KEYS) this.carried.clear();
    this.carriedTo = next;
  }

  /** Returns what the key of the record at `place` was one revision before. */
  priorAt(chunk: Chunk, place: number, key: string): Prior {
    let prior = chunk.prior[place]!;
    if (prior === NOT_LOOKED_UP) {
      prior = this.priorOf(key, chunk.mainAt(place));
      chunk.prior[place] = prior;
    }
    return prior;
  }

  /** Returns what a key was one revision before `main`. */
  priorOf(key: string, main: number): Prior {
    const { currentRev, compactRev } = this.history;
    if (main - 1 < compactRev || main - 1 > currentRev) return UNKNOWABLE;
    const kv = this.recordBefore(key, main);
    return kv === undefined ? ABSENT : kv === 'lost' ? UNKNOWABLE : digestOf('PUT', kv);
  }

  recordBefore(key: string, main: number): KeyValue | undefined | 'lost' {
    // The store starts empty at revision 1. A read at 0 would be one at the newest revision.
    if (main <= 1) return undefined;
    try {
      return this.history.range({ key, rev: main - 1 }).kvs[0];
    } catch (error) {
      if (error instanceof LostRecordError) return 'lost';
      throw error;
    }
  }
}
