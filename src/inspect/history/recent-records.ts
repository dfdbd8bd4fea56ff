// Keeps the records that were seen last, up to a number of bytes, so that most records need not be read again.

import { StoredRecord } from '../../mvcc/record.js';
import type { Revision } from '../../mvcc/revision.js';

const BUDGET_BYTES = 16 * 1024 * 1024;

/** What a record takes in memory beside its value. */
const BYTES_A_RECORD = 512;

export class RecentRecords<Name> {
  /** The oldest comes first. */
  private readonly records = new Map<Name, StoredRecord>();
  private bytes = 0;

  constructor(private readonly budgetBytes = BUDGET_BYTES) {}

  /** Returns the record under a name if it is still there and has that revision. */
  take(name: Name, { main, sub }: Revision): StoredRecord | undefined {
    const record = this.records.get(name);
    return record?.main === main && record.sub === sub ? record : undefined;
  }

  /** Keeps a copy: the bytes of a record may be a part of a larger page. */
  keep(name: Name, { keyBytes, valueBytes }: StoredRecord): void {
    this.drop(name);
    if (sizeOf(valueBytes) > this.budgetBytes) return;
    this.records.set(name, new StoredRecord(Buffer.from(keyBytes), Buffer.from(valueBytes)));
    this.bytes += sizeOf(valueBytes);
    for (const oldest of this.records.keys()) {
      if (this.bytes <= this.budgetBytes) break;
      this.drop(oldest);
    }
  }

  private drop(name: Name): void {
    const record = this.records.get(name);
    if (record === undefined) return;
    this.records.delete(name);
    this.bytes -= sizeOf(record.valueBytes);
  }
}

const sizeOf = (valueBytes: Buffer): number => valueBytes.length + BYTES_A_RECORD;
