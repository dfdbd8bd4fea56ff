// This is the simplest possible table: a map that is sorted anew for each question.

import type { ByteRange } from '../../src/bytes/byte-range.js';
import type { Entry, Table } from '../../src/mvcc/backend.js';

export class SortedMapTable implements Table {
  private readonly values = new Map<string, Buffer>();

  get(key: Buffer): Buffer | undefined {
    return this.values.get(key.toString('latin1'));
  }

  entries({ gte, lt }: ByteRange = {}): Entry[] {
    return [...this.values]
      .map(([key, value]) => ({ key: Buffer.from(key, 'latin1'), value }))
      .filter(({ key }) => (gte === undefined || key.compare(gte) >= 0) && (lt === undefined || key.compare(lt) < 0))
      .sort((a, b) => a.key.compare(b.key));
  }

  last(range?: ByteRange): Entry | undefined {
    return this.entries(range).at(-1);
  }

  size(): number {
    return this.values.size;
  }

  put(key: Buffer, value: Buffer): void {
    this.values.set(key.toString('latin1'), value);
  }

  delete(key: Buffer): void {
    this.values.delete(key.toString('latin1'));
  }
}
