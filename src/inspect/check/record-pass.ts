// A RecordPass goes through the records of a store once, in revision order. Whatever is checked of records is a visitor
// that it shows each of them to, so that each is read and decoded once.

import { StoredRecord } from '../../mvcc/record.js';
import { type Finding, problemIn } from './finding.js';
import { type NewestRecord, NewestRecords } from './newest-records.js';

/** Takes a finding. */
export type Found = (finding: Finding) => void;

/** Looks at each record of a store, and tells what is wrong. */
export interface RecordVisitor {
  /** Takes the next record, also one whose value cannot be read. */
  follow?(record: StoredRecord, found: Found): void;
  /** Takes the next record that can be read. `before` is what the last one of its key said; undefined for the first. */
  visit?(record: StoredRecord, before: NewestRecord | undefined, found: Found): void;
  /** Is told that there may have been records here that cannot be read. */
  skip?(): void;
  /** Yields what is known only at the end. `lives` has the newest record of each key. */
  end?(lives: NewestRecords): Iterable<Finding>;
}

const NONE: readonly Finding[] = [];

export class RecordPass {
  private readonly lives = new NewestRecords();
  private found: Finding[] = [];
  private readonly add: Found = (finding) => this.found.push(finding);

  constructor(private readonly visitors: readonly RecordVisitor[]) {}

  /** Takes the next entry of the table of records, and returns what is wrong with it. */
  take(key: Buffer, value: Buffer): readonly Finding[] {
    let record: StoredRecord;
    try {
      record = new StoredRecord(key, value);
    } catch (error) {
      return [{ kind: 'record', table: 'key', entry: key, problem: problemIn(error) }];
    }
    for (const visitor of this.visitors) visitor.follow?.(record, this.add);
    if (this.isReadable(record)) {
      const before = this.lives.get(record.key);
      for (const visitor of this.visitors) visitor.visit?.(record, before, this.add);
      this.lives.set(record);
    }
    return this.takeFound();
  }

  /** Goes on behind records that cannot be read. */
  skip(): void {
    for (const visitor of this.visitors) visitor.skip?.();
  }

  *end(): Iterable<Finding> {
    for (const visitor of this.visitors) yield* visitor.end?.(this.lives) ?? [];
  }

  private isReadable(record: StoredRecord): boolean {
    try {
      // Its key is only there if the whole of it can be read.
      void record.key;
      return true;
    } catch (error) {
      const { main, sub } = record;
      this.add({ kind: 'record', table: 'key', revision: { main, sub }, problem: problemIn(error) });
      return false;
    }
  }

  private takeFound(): readonly Finding[] {
    if (this.found.length === 0) return NONE;
    const { found } = this;
    this.found = [];
    return found;
  }
}
