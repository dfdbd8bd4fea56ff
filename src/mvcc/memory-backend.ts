// A backend in memory: for tests, and for indexes that are built on the fly. Sorted arrays, so appending in order is
// cheap and inserting elsewhere costs a move of what is behind.

import { type Backend, type Entry, type KeyRange, TABLE_NAMES, type Table, type TableName } from './backend.js';

export class MemoryTable implements Table {
  private entryList: Entry[] = [];

  /** The position of the first entry whose key is not below `key`. */
  private lowerBound(key: Buffer): number {
    let low = 0;
    let high = this.entryList.length;
    const last = this.entryList[high - 1];
    if (last !== undefined && last.key.compare(key) < 0) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.entryList[middle]!.key.compare(key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  get(key: Buffer): Buffer | undefined {
    const entry = this.entryList[this.lowerBound(key)];
    return entry?.key.equals(key) ? entry.value : undefined;
  }

  *entries(range: KeyRange = {}): Iterable<Entry> {
    // The bounds are looked up again at each step: the caller may write while it reads.
    let entry = this.entryList[range.gte === undefined ? 0 : this.lowerBound(range.gte)];
    while (entry !== undefined && (range.lt === undefined || entry.key.compare(range.lt) < 0)) {
      yield entry;
      const at = this.lowerBound(entry.key);
      entry = this.entryList[this.entryList[at]?.key.equals(entry.key) ? at + 1 : at];
    }
  }

  last(range: KeyRange = {}): Entry | undefined {
    const end = range.lt === undefined ? this.entryList.length : this.lowerBound(range.lt);
    const entry = this.entryList[end - 1];
    return entry !== undefined && (range.gte === undefined || entry.key.compare(range.gte) >= 0) ? entry : undefined;
  }

  size(): number {
    return this.entryList.length;
  }

  put(key: Buffer, value: Buffer): void {
    const at = this.lowerBound(key);
    const replaced = this.entryList[at]?.key.equals(key) ? 1 : 0;
    this.entryList.splice(at, replaced, { key: Buffer.from(key), value: Buffer.from(value) });
  }

  delete(key: Buffer): void {
    const at = this.lowerBound(key);
    if (this.entryList[at]?.key.equals(key)) this.entryList.splice(at, 1);
  }

  snapshot(): Entry[] {
    return [...this.entryList];
  }

  reset(entries: Entry[]): void {
    this.entryList = entries;
  }
}

export class MemoryBackend implements Backend {
  readonly tables: Record<TableName, MemoryTable> = {
    key: new MemoryTable(),
    meta: new MemoryTable(),
    lease: new MemoryTable(),
    index: new MemoryTable(),
    watch: new MemoryTable(),
  };

  transaction<T>(body: () => T): T {
    const before = TABLE_NAMES.map((name) => this.tables[name].snapshot());
    try {
      return body();
    } catch (error) {
      TABLE_NAMES.forEach((name, i) => {
        this.tables[name].reset(before[i]!);
      });
      throw error;
    }
  }

  sizeBytes(): number {
    let bytes = 0;
    for (const name of TABLE_NAMES) {
      for (const { key, value } of this.tables[name].entries()) bytes += key.length + value.length;
    }
    return bytes;
  }

  close(): void {}
}
