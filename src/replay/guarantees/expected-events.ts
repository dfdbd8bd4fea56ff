// This walk goes over the events that a watcher should get, in order, at the watcher's own pace.

import { countBefore } from '../../adt/binary-search.js';
import type { ClassRange } from '../run/key-classes.js';
import type { CheckedRange } from './checked-watcher.js';
import type { Chunk, Prior } from './history-chunk.js';
import type { HistoryChunks } from './history-chunks.js';

/** A position stands before the event `nth` (from 0) among those that the watcher should get of revision `main`. */
export interface Position {
  readonly main: number;
  readonly nth: number;
}

export const START: Position = { main: 0, nth: 0 };
const END: Position = { main: Number.POSITIVE_INFINITY, nth: 0 };

export function isBefore(a: Position, b: Position): boolean {
  return a.main < b.main || (a.main === b.main && a.nth < b.nth);
}

export class ExpectedEvents {
  private number = 0;
  private chunk: Chunk | undefined;
  private list: ArrayLike<number> | undefined;
  private length = 0;
  /** The index at which to look in the list, or in the chunk when there is no list. */
  private at = 0;
  private seekingMain: number | undefined;
  /** The place of the next event in the chunk, once the walk has found it. */
  private place = -1;
  private readonly noPut: boolean;
  private readonly noDelete: boolean;

  constructor(
    private readonly chunks: HistoryChunks,
    private readonly classes: ClassRange,
    { filters }: Pick<CheckedRange, 'filters'>,
    fromMain: number,
  ) {
    this.noPut = filters.includes('noput');
    this.noDelete = filters.includes('nodelete');
    this.seek(fromMain);
  }

  /** Goes forwards or back to the first event with a revision at or above `main`. */
  seek(main: number): void {
    this.seekingMain = main;
    this.place = -1;
  }

  /** Finds where to go on, but not before the history has come so far: a later event could take the place. */
  private finishSeek(main: number): boolean {
    if (this.chunks.history.currentRev < main) return false;
    this.number = this.chunks.numberOf(main);
    const chunk = this.open();
    this.at = countBefore(this.length, (at) => chunk.mainAt(this.placeOf(at)) < main);
    this.seekingMain = undefined;
    return true;
  }

  /** Lets go of the chunk. It is called when the history may change, or forget what was read. */
  release(): void {
    this.chunk = undefined;
    this.list = undefined;
    this.place = -1;
  }

  private open(): Chunk {
    const chunk = this.chunks.chunk(this.number);
    const { length, list } = chunk.places(this.classes);
    this.chunk = chunk;
    this.list = list;
    this.length = length;
    return chunk;
  }

  private placeOf(at: number): number {
    return this.list === undefined ? at : this.list[at]!;
  }

  /** Returns whether there is a next event. The getters below speak of that event. */
  find(): boolean {
    if (this.seekingMain !== undefined && !this.finishSeek(this.seekingMain)) return false;
    let chunk = this.chunk ?? this.open();
    while (this.place < 0) {
      while (this.at < this.length && !this.wants(chunk, this.placeOf(this.at))) this.at++;
      if (this.at < this.length) {
        this.place = this.placeOf(this.at);
      } else {
        if (chunk.next === Number.POSITIVE_INFINITY) return false;
        this.number = chunk.next;
        this.at = 0;
        chunk = this.open();
      }
    }
    return true;
  }

  private wants(chunk: Chunk, place: number): boolean {
    const keyClass = chunk.keyClass[place]!;
    if (keyClass < this.classes.first || keyClass > this.classes.last) return false;
    return !(chunk.tombstone[place] === 1 ? this.noDelete : this.noPut);
  }

  get main(): number {
    return this.chunk!.mainAt(this.place);
  }

  get digest(): number {
    return this.chunk!.digest[this.place]!;
  }

  prior(key: string): Prior {
    return this.chunks.priorAt(this.chunk!, this.place, key);
  }

  /** Passes the next event. */
  take(): void {
    this.at++;
    this.place = -1;
  }

  position(): Position {
    if (!this.find()) return END;
    const { main } = this;
    const chunk = this.chunk!;
    let nth = 0;
    for (let before = this.at - 1; before >= 0; before--) {
      const place = this.placeOf(before);
      if (chunk.mainAt(place) !== main) break;
      if (this.wants(chunk, place)) nth++;
    }
    return { main, nth };
  }

  /** Passes every event before a position, and returns how many there were. */
  skipTo({ main, nth }: Position): number {
    let skipped = 0;
    for (; this.find() && this.main < main; skipped++) this.take();
    if (!this.find() || this.main > main) return skipped;
    for (let rest = nth - this.position().nth; rest > 0; rest--, skipped++) {
      this.take();
      this.find();
    }
    return skipped;
  }
}
