// Decides what the new database holds:
//
//   compact revision of the file      gap           newest whole transaction
//           |                         |    |                 |
//   kept ---+--- history -------------x    x--- history -----+
//                                          |
//   kept as a compaction here would keep --+--- the window --+
//
// The window begins behind the last gap, or behind the last record that does not follow from the one before it of its
// key. Below it, of each key the newest record is kept that is known, as a compaction would do. Something newer may be
// lost of a key that was not written since, so the database says so to everyone who reads it.

import { MvccwError } from '../../errors.js';
import { HistoryCheck } from '../../mvcc/history-check.js';
import { KeepSet } from '../../mvcc/keep-set.js';
import type { KeyLife } from '../../mvcc/life-columns.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type { Chosen } from './choose.js';
import { type Copies, RANK } from './copies.js';
import type { CopyReader } from './copy-reader.js';
import type { Loss } from './loss.js';

export interface PlanOptions {
  readonly copies: Copies;
  readonly chosen: Chosen;
  readonly reader: CopyReader;
  /** The compact revision of the file. */
  readonly compactRev: number;
  /** Whether the tree that is read may be older than the compaction, and hold what it has deleted. */
  readonly isOlderTree: boolean;
  /** Where the gaps end, and the number of chosen revisions that are taken. */
  readonly floor: number;
  readonly length: number;
}

/** What lives when of keys, as far as their records follow from one another. */
export class Plan {
  /** The compact revision of the new database. */
  floor: number;
  /** The records that compaction has left and the tree does not have, and that are taken. */
  readonly taken = new Set<number>();
  private keep: KeepSet | undefined;

  constructor(private readonly options: PlanOptions) {
    this.floor = options.floor;
  }

  /** Whether the new database has another window, or other records below it, than the file. */
  get isOther(): boolean {
    return this.keep !== undefined;
  }

  /** Reads all records, and decides. `onLoss` is called for each that does not follow from the one before. */
  decide(onLoss: (loss: Loss) => void): void {
    const { compactRev, isOlderTree } = this.options;
    const check = new HistoryCheck(compactRev);
    const lives = new Map<string, KeyLife>();
    const strays = this.strayBase();
    let isBroken = false;
    for (const copy of this.copiesTaken()) {
      if (this.isStrayBase(copy)) continue;
      const record = this.options.reader.record(copy);
      const { key, main, tombstone, createRevision, version } = record;
      const problem = this.problemOf(check, record, lives.get(key), strays);
      if (problem !== undefined) {
        isBroken = true;
        this.floor = Math.max(this.floor, main);
        onLoss({ kind: 'history', revision: { main, sub: record.sub }, key, problem });
      }
      lives.set(key, { main, tombstone, createRevision, version });
    }
    for (const [key, { copy }] of strays) if (!lives.has(key)) this.taken.add(copy);
    const { size } = this.taken;
    if (size > 0) {
      const which = size === 1 ? '1 record' : `${size} records`;
      const problem = `${which} up to the compact revision ${compactRev} taken from pages to which nothing leads: their keys may have been deleted since`;
      onLoss({ kind: 'unsure', problem });
    }
    const holdsDeleted = isOlderTree && compactRev >= 0;
    if (isBroken || this.floor > compactRev || this.taken.size > 0 || holdsDeleted) this.keepAt(this.floor);
  }

  /** Returns what is wrong with a record, which may also follow from one that the tree does not have. */
  private problemOf(
    check: HistoryCheck,
    record: StoredRecord,
    before: KeyLife | undefined,
    strays: ReadonlyMap<string, StrayBase>,
  ): string | undefined {
    const stray = before === undefined && record.main > this.options.compactRev ? strays.get(record.key) : undefined;
    if (stray !== undefined && problemIn(() => check.check(record, stray.life)) === undefined) {
      this.taken.add(stray.copy);
      return undefined;
    }
    return problemIn(() => check.check(record, before));
  }

  /** Returns, by key, the newest records at or below the compact revision that the tree does not have. */
  private strayBase(): Map<string, StrayBase> {
    const strays = new Map<string, StrayBase>();
    for (const copy of this.copiesTaken()) {
      if (!this.isStrayBase(copy)) continue;
      const record = this.options.reader.record(copy);
      const { key, main, tombstone, createRevision, version } = record;
      if (tombstone) strays.delete(key);
      else strays.set(key, { copy, life: { main, tombstone, createRevision, version } });
    }
    return strays;
  }

  private isStrayBase(copy: number): boolean {
    const { copies, compactRev } = this.options;
    return copies.main(copy) <= compactRev && copies.rank(copy) !== RANK.tree;
  }

  private *copiesTaken(): Iterable<number> {
    const { chosen, length } = this.options;
    for (let i = 0; i < length; i++) yield chosen.history[i]!;
  }

  /** Lets the window begin behind `rev`, and chooses what is kept below. */
  keepAt(rev: number): void {
    this.floor = rev;
    this.keep = new KeepSet(rev, 'kept');
    for (const copy of this.copiesTaken()) {
      if (this.options.copies.main(copy) > rev) break;
      if (this.isStrayBase(copy) && !this.taken.has(copy)) continue;
      const record = this.options.reader.record(copy);
      this.keep.observe(record.key, record);
    }
  }

  /** Yields the records of the new database, with their copies. */
  *records(): Iterable<{ readonly copy: number; readonly record: StoredRecord }> {
    for (const copy of this.copiesTaken()) {
      if (this.isStrayBase(copy) && !this.taken.has(copy)) continue;
      const record = this.options.reader.record(copy);
      if (this.keep !== undefined && record.main <= this.floor && !this.keep.holds(record.key, record)) continue;
      yield { copy, record };
    }
  }
}

interface StrayBase {
  readonly copy: number;
  readonly life: KeyLife;
}

function problemIn(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'CORRUPT') return error.message;
    throw error;
  }
}
