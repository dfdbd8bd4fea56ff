// A MeteredTable is the table of records of a database, and reports how far a reader of it has come: at which revision of
// all those that are there. One revision can be as long as thousands of others, so that is no measure of bytes.

import type { ByteRange } from '../bytes/byte-range.js';
import type { Entry, ReadTable } from '../mvcc/backend.js';
import type { OnProgress } from './listener.js';

/** So many entries take at most a tenth of a second, unless their values are large. */
const ENTRIES_PER_REPORT = 64;

const MAIN_BYTES = 8;
/** A number has six bytes at most; the two above them are zero in any revision that can be read. */
const READ_BYTES = 6;

export class MeteredTable implements ReadTable {
  private span: { readonly first: number; readonly last: number } | undefined;

  constructor(
    private readonly table: ReadTable,
    private readonly work: string,
    private readonly onProgress: OnProgress,
  ) {}

  get(key: Buffer): Buffer | undefined {
    return this.table.get(key);
  }

  /** Passes on each step of the table's own iterator as it is, which costs less than a generator around it. */
  entries(range?: ByteRange): Iterable<Entry> {
    return { [Symbol.iterator]: () => this.counted(this.table.entries(range)[Symbol.iterator]()) };
  }

  private counted(entries: Iterator<Entry>): Iterator<Entry> {
    let left = ENTRIES_PER_REPORT;
    return {
      next: () => {
        const step = entries.next();
        if (--left === 0 && step.done !== true) {
          left = ENTRIES_PER_REPORT;
          this.report(mainOf(step.value));
        }
        return step;
      },
      return: () => entries.return?.() ?? { done: true, value: undefined },
    };
  }

  last(range?: ByteRange): Entry | undefined {
    return this.table.last(range);
  }

  size(): number {
    return this.table.size();
  }

  private report(main: number): void {
    this.span ??= { first: main, last: mainOf(this.table.last()) };
    const { first, last } = this.span;
    this.onProgress(this.work, Math.max(main - first, 0), last - first);
  }
}

/** Returns the main revision of an entry, as far as it can be told; damage is for the reader of the entry to find. */
function mainOf(entry: Entry | undefined): number {
  return entry === undefined || entry.key.length < MAIN_BYTES
    ? 0
    : entry.key.readUIntBE(MAIN_BYTES - READ_BYTES, READ_BYTES);
}
