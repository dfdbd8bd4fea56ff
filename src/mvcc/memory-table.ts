// An ordered table in memory: sorted runs of bounded length, so that an insert anywhere moves few entries.

import { countBefore } from '../adt/binary-search.js';
import type { ByteRange } from '../bytes/byte-range.js';
import type { Entry, Table } from './backend.js';

const MAX_RUN = 1024;

export class MemoryTable implements Table {
  /** The runs. Each is sorted and not empty, and all of its entries are below those of the next run. */
  private runs: Entry[][] = [];
  private count = 0;
  /** The entries before each change, oldest first; kept only between `begin` and `end`. */
  private undo: { key: Buffer; value: Buffer | undefined }[] | undefined;

  /** Returns the place of the first entry at or above `key`: a run and a place in it, which may be just behind its end. */
  private find(key: Buffer): { run: number; at: number } {
    const { runs } = this;
    // This is the last run whose first entry is at or below the key, or else the first run.
    const at = Math.max(countBefore(runs.length, (place) => runs[place]![0]!.key.compare(key) <= 0) - 1, 0);
    const run = runs[at];
    return { run: at, at: run === undefined ? 0 : lowerBound(run, key) };
  }

  private entryAt(key: Buffer): Entry | undefined {
    const { run, at } = this.find(key);
    const entry = this.runs[run]?.[at];
    return entry?.key.equals(key) ? entry : undefined;
  }

  get(key: Buffer): Buffer | undefined {
    return this.entryAt(key)?.value;
  }

  *entries(range: ByteRange = {}): Iterable<Entry> {
    let { run, at } = range.gte === undefined ? { run: 0, at: 0 } : this.find(range.gte);
    for (; run < this.runs.length; run++, at = 0) {
      // The loop reads a copy, because the caller may write meanwhile.
      for (const entry of this.runs[run]!.slice(at)) {
        if (range.lt !== undefined && entry.key.compare(range.lt) >= 0) return;
        yield entry;
      }
    }
  }

  last(range: ByteRange = {}): Entry | undefined {
    let { run, at } = range.lt === undefined ? { run: this.runs.length, at: 0 } : this.find(range.lt);
    if (at === 0) at = this.runs[--run]?.length ?? 0;
    const entry = this.runs[run]?.[at - 1];
    return entry !== undefined && (range.gte === undefined || entry.key.compare(range.gte) >= 0) ? entry : undefined;
  }

  size(): number {
    return this.count;
  }

  put(key: Buffer, value: Buffer): void {
    const entry = { key: Buffer.from(key), value: Buffer.from(value) };
    const { run: index, at } = this.find(key);
    const run = this.runs[index];
    this.undo?.push({ key: entry.key, value: run?.[at]?.key.equals(key) ? run[at].value : undefined });
    if (run === undefined) {
      this.runs.push([entry]);
      this.count = 1;
    } else if (run[at]?.key.equals(key)) {
      run[at] = entry;
    } else {
      run.splice(at, 0, entry);
      this.count++;
      if (run.length > MAX_RUN) this.runs.splice(index + 1, 0, run.splice(MAX_RUN / 2));
    }
  }

  delete(key: Buffer): void {
    const { run: index, at } = this.find(key);
    const run = this.runs[index];
    if (run === undefined || !run[at]?.key.equals(key)) return;
    this.undo?.push(run[at]);
    run.splice(at, 1);
    this.count--;
    if (run.length === 0) this.runs.splice(index, 1);
  }

  /** Begins to record changes, so that they can be undone. */
  begin(): void {
    this.undo = [];
  }

  /** Ends what `begin` began. Undoes the changes since then, unless they are to be kept. */
  end(keep: boolean): void {
    const changes = this.undo ?? [];
    this.undo = undefined;
    if (keep) return;
    for (const { key, value } of changes.reverse()) {
      if (value === undefined) this.delete(key);
      else this.put(key, value);
    }
  }
}

function lowerBound(run: readonly Entry[], key: Buffer): number {
  return countBefore(run.length, (place) => run[place]!.key.compare(key) < 0);
}
