// The table of records of a store that a log was applied to: the records of the base, and the applied ones behind them.

import { countBefore } from '../../adt/binary-search.js';
import type { ByteRange } from '../../bytes/byte-range.js';
import type { Entry, ReadTable } from '../backend.js';
import { decodeRevisionKey, isRevisionKey, revisionKeyBound } from '../revision.js';
import type { AppliedRecords } from './applied-records.js';

export class AppliedTable implements ReadTable {
  /** All keys of the base are below it, and all others are not. */
  private readonly bound: Buffer;

  constructor(
    private readonly base: ReadTable,
    private readonly records: AppliedRecords,
  ) {
    this.bound = revisionKeyBound(records.baseRev + 1);
  }

  get(key: Buffer): Buffer | undefined {
    if (key.compare(this.bound) < 0) return this.base.get(key);
    if (!isRevisionKey(key)) return undefined;
    const revision = decodeRevisionKey(key);
    const row = this.records.rowOf(revision);
    if (row === undefined || this.records.isTombstone(row) !== revision.tombstone) return undefined;
    return this.records.recordBytes(row);
  }

  *entries(range: ByteRange = {}): Iterable<Entry> {
    const { gte, lt } = range;
    const bound = lt === undefined || lt.compare(this.bound) > 0 ? this.bound : lt;
    if (gte === undefined || gte.compare(bound) < 0) yield* this.base.entries({ ...range, lt: bound });
    yield* this.records.entries(this.rowAt(gte) ?? 0, this.rowAt(lt) ?? this.records.rowCount);
  }

  last(range: ByteRange = {}): Entry | undefined {
    const { gte, lt } = range;
    const row = (this.rowAt(lt) ?? this.records.rowCount) - 1;
    if (row >= (this.rowAt(gte) ?? 0)) {
      return { key: this.records.revisionKey(row), value: this.records.recordBytes(row) };
    }
    const bound = lt === undefined || lt.compare(this.bound) > 0 ? this.bound : lt;
    return gte !== undefined && gte.compare(bound) >= 0 ? undefined : this.base.last({ ...range, lt: bound });
  }

  /** Returns the first row whose key is not below this one. */
  private rowAt(key: Buffer | undefined): number | undefined {
    if (key === undefined) return undefined;
    return countBefore(this.records.rowCount, (row) => this.records.revisionKey(row).compare(key) < 0);
  }

  size(): number {
    return this.base.size() + this.records.rowCount;
  }
}
