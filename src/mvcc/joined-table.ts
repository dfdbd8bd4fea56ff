// Two tables as one: below a key the entries of the first, from that key on those of the second.

import type { ByteRange } from '../bytes/byte-range.js';
import type { Entry, ReadTable } from './backend.js';

export class JoinedTable implements ReadTable {
  private knownSize: number | undefined;

  constructor(
    private readonly lower: ReadTable,
    private readonly upper: ReadTable,
    private readonly bound: Buffer,
  ) {}

  get(key: Buffer): Buffer | undefined {
    return this.tableOf(key).get(key);
  }

  *entries(range: ByteRange = {}): Iterable<Entry> {
    if (this.reachesLower(range)) yield* this.lower.entries(this.below(range));
    if (this.reachesUpper(range)) yield* this.upper.entries(this.above(range));
  }

  last(range: ByteRange = {}): Entry | undefined {
    const last = this.reachesUpper(range) ? this.upper.last(this.above(range)) : undefined;
    return last ?? (this.reachesLower(range) ? this.lower.last(this.below(range)) : undefined);
  }

  /** Returns the number of entries. The first call reads them all. */
  size(): number {
    if (this.knownSize === undefined) {
      this.knownSize = 0;
      for (const _ of this.entries()) this.knownSize++;
    }
    return this.knownSize;
  }

  private tableOf(key: Buffer): ReadTable {
    return key.compare(this.bound) < 0 ? this.lower : this.upper;
  }

  private reachesLower({ gte }: ByteRange): boolean {
    return gte === undefined || gte.compare(this.bound) < 0;
  }

  private reachesUpper({ lt }: ByteRange): boolean {
    return lt === undefined || lt.compare(this.bound) > 0;
  }

  private below({ gte, lt }: ByteRange): ByteRange {
    const end = lt === undefined || lt.compare(this.bound) > 0 ? this.bound : lt;
    return { ...(gte !== undefined && { gte }), lt: end };
  }

  private above({ gte, lt }: ByteRange): ByteRange {
    const start = gte === undefined || gte.compare(this.bound) < 0 ? this.bound : gte;
    return { gte: start, ...(lt !== undefined && { lt }) };
  }
}
