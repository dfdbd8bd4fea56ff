// The difference of two key spaces: of two backends, or of one at two revisions. Nothing is held in memory but a row
// for each key (key-states.ts); values are read again when they are given out.

import { MvccwError, naming } from '../../errors.js';
import type { ReadBackend } from '../../mvcc/backend.js';
import type { KeyRange } from '../../mvcc/key-range.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import type { StoredRecord } from '../../mvcc/record.js';
import { formatRevision } from '../../mvcc/revision.js';
import { StoreReader } from '../../mvcc/store.js';
import { checkRevision } from '../../mvcc/window.js';
import { compareRecords, type Parting } from './compare-records.js';
import { KeptPlaces, KeyStates, SIDES, type Side } from './key-states.js';
import { type Keeps, Lives, readStates, type Target } from './read-states.js';

/** One of the two key spaces. */
export interface DiffSide {
  /** The path by which an error names it. */
  readonly path: string;
  readonly backend: ReadBackend;
  /** Whether it is an etcd file, which has no sums. */
  readonly ofEtcd: boolean;
  /** The revision that is compared; undefined for the newest. */
  readonly rev: number | undefined;
}

export interface DiffOptions {
  /** Only these keys are compared, and not the histories. */
  readonly range?: KeyRange | undefined;
  /** Only the values of keys count, not their revisions, versions and leases; and the histories are not compared. */
  readonly valuesOnly?: boolean | undefined;
  /** Both are compared at the highest revision that both have. */
  readonly common?: boolean | undefined;
}

export type ChangeKind = 'added' | 'removed' | 'changed';

/** A key that differs. Its records are undefined on a side that does not have it, or if only keys are wanted. */
export interface KeyChange {
  readonly change: ChangeKind;
  readonly key: string;
  readonly a: KeyValue | undefined;
  readonly b: KeyValue | undefined;
}

interface DiffCounts {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly same: number;
}

export interface SideWindow {
  readonly currentRev: number;
  readonly compactRev: number;
  /** The revision that is compared. */
  readonly rev: number;
  /** The number of keys in the range at that revision. */
  readonly keys: number;
}

export interface HistoryDiff {
  /** The highest revision that both have, of those that are compared. */
  readonly commonRev: number;
  /** The higher compact revision of the two. */
  readonly compactRev: number;
  /** The hash of each at the common revision, as if it were compacted at that compact revision. */
  readonly hashes: readonly [number, number];
  readonly parting: Parting | undefined;
}

export interface Diff {
  readonly sides: readonly [SideWindow, SideWindow];
  readonly counts: DiffCounts;
  /**
   * Undefined if the histories were not to be compared; 'apart' if there is nothing to compare: one side was compacted
   * above the revision that the other is compared at.
   */
  readonly history: HistoryDiff | 'apart' | undefined;
  /** Whether no key differs, and the histories do not part. */
  readonly same: boolean;
  /** Yields the keys that differ, in order. With `keysOnly`, no record is read. */
  changes(options?: { readonly keysOnly?: boolean }): Iterable<KeyChange>;
}

/** Throws COMPACTED or FUTURE_REVISION for a revision outside the window of its side, and CORRUPT for damage. */
export function diffKeySpaces(sides: readonly [DiffSide, DiffSide], options: DiffOptions = {}): Diff {
  return new Comparison(sides, options);
}

class Comparison implements Diff {
  readonly sides: Diff['sides'];
  readonly counts: DiffCounts;
  readonly history: Diff['history'];
  readonly same: boolean;
  private readonly stores: readonly [StoreReader, StoreReader];
  private readonly states = new KeyStates();

  constructor(
    given: readonly [DiffSide, DiffSide],
    private readonly options: DiffOptions,
  ) {
    const [a, b] = given;
    const isOneStore = a.backend === b.backend;
    const first = new StoreReader(a.backend);
    this.stores = [first, isOneStore ? first : new StoreReader(b.backend)];
    const revs = this.revisionsOf(given);
    this.history = isOneStore ? this.readOne(a, revs) : this.readTwo(given, revs);
    this.judgeOthers();
    const keys = SIDES.map((side) => this.countAlive(side));
    const windowOf = (side: Side): SideWindow => {
      const { currentRev, compactRev } = this.stores[side];
      return { currentRev, compactRev, rev: revs[side], keys: keys[side]! };
    };
    this.sides = [windowOf(0), windowOf(1)];
    this.counts = this.count();
    const { added, removed, changed } = this.counts;
    const parts = typeof this.history === 'object' && this.history.parting !== undefined;
    this.same = added + removed + changed === 0 && !parts;
  }

  private revisionsOf(given: readonly [DiffSide, DiffSide]): readonly [number, number] {
    const { common = false } = this.options;
    const newest = Math.min(this.stores[0].currentRev, this.stores[1].currentRev);
    const revisionOf = (side: Side): number => {
      const rev = given[side].rev ?? (common ? newest : this.stores[side].currentRev);
      naming(given[side].path, () => checkRevision(rev, this.stores[side]));
      return rev;
    };
    return [revisionOf(0), revisionOf(1)];
  }

  /** Reads one backend, once: up to the higher of two revisions. */
  private readOne({ ofEtcd }: DiffSide, revs: readonly [number, number]): undefined {
    const { states, stores } = this;
    const targets = SIDES.map((side): Target => ({ rev: revs[side], newest: states.newest[side] }));
    if (revs[0] > revs[1]) targets.reverse();
    const { range } = this.options;
    const lives = ofEtcd ? new Lives() : undefined;
    readStates({ store: stores[0], lives, states, targets, range, keeps: undefined });
    return undefined;
  }

  private readTwo(given: readonly [DiffSide, DiffSide], revs: readonly [number, number]): Diff['history'] {
    const { states, stores } = this;
    const { range, valuesOnly = false } = this.options;
    const commonRev = Math.min(...revs);
    const compactRev = Math.max(stores[0].compactRev, stores[1].compactRev);
    const wantsHistory = range === undefined && !valuesOnly;
    const keepsOf = (): Keeps => {
      return { compactRev, atCompact: new KeptPlaces(compactRev), commonRev, atCommon: new KeptPlaces(commonRev) };
    };
    const keeps = wantsHistory && compactRev <= commonRev ? ([keepsOf(), keepsOf()] as const) : undefined;
    // The second side begins anew, in the memory of the first.
    const shared = new Lives();
    for (const side of SIDES) {
      const targets = [{ rev: revs[side], newest: states.newest[side] }];
      const lives = given[side].ofEtcd ? shared : undefined;
      readStates({ store: stores[side], lives, states, targets, range, keeps: keeps?.[side] });
    }
    const sameRecord = (a: StoredRecord, b: StoredRecord) => this.isSameRecord(a.keyValue(), b.keyValue());
    const compared = compareRecords({ stores, states, toRev: commonRev, keeps, sameRecord });
    if (compared !== undefined) return { commonRev, compactRev, ...compared };
    return wantsHistory ? 'apart' : undefined;
  }

  private isSameRecord(a: KeyValue, b: KeyValue): boolean {
    if (!a.value.equals(b.value)) return false;
    if (this.options.valuesOnly) return true;
    return (
      a.modRevision === b.modRevision &&
      a.createRevision === b.createRevision &&
      a.version === b.version &&
      a.lease === b.lease
    );
  }

  /** Judges the keys of which a comparison of revisions does not tell whether they are the same. */
  private judgeOthers(): void {
    const { states } = this;
    const [a, b] = states.newest;
    const unsure: number[] = [];
    for (let row = 0; row < states.size; row++) {
      if (!a.isAlive(row) || !b.isAlive(row) || a.isAs(b, row)) continue;
      if (this.options.valuesOnly || a.signedMain(row) === b.signedMain(row)) unsure.push(row);
    }
    // In revision order, at least one side's records are read in the order in which they lie in the file.
    unsure.sort((x, y) => a.signedMain(x) - a.signedMain(y));
    for (const row of unsure) {
      const [left, right] = [this.recordOf(0, row), this.recordOf(1, row)];
      states.judge(row, left !== undefined && right !== undefined && this.isSameRecord(left, right));
    }
  }

  /** Reads what a side has of a key. The record is there: the first pass has seen it. */
  private recordOf(side: Side, row: number): KeyValue | undefined {
    const newest = this.states.newest[side];
    if (!newest.isAlive(row)) return undefined;
    const revision = newest.at(row);
    const record = this.stores[side].storedRecord({ ...revision, tombstone: false });
    if (record !== undefined) return record.keyValue();
    throw new MvccwError('CORRUPT', `the record of revision ${formatRevision(revision)} is gone`, {
      hint: 'the file was changed while it was read: compare a copy or a snapshot of it',
    });
  }

  private changeOf(row: number): ChangeKind | 'same' | undefined {
    const [a, b] = this.states.newest;
    const [left, right] = [a.isAlive(row), b.isAlive(row)];
    if (!left) return right ? 'added' : undefined;
    if (!right) return 'removed';
    return this.states.isSame(row) ? 'same' : 'changed';
  }

  private countAlive(side: Side): number {
    let alive = 0;
    for (let row = 0; row < this.states.size; row++) if (this.states.newest[side].isAlive(row)) alive++;
    return alive;
  }

  private count(): DiffCounts {
    const counts = { added: 0, removed: 0, changed: 0, same: 0 };
    for (let row = 0; row < this.states.size; row++) {
      const change = this.changeOf(row);
      if (change !== undefined) counts[change]++;
    }
    return counts;
  }

  *changes({ keysOnly = false } = {}): Iterable<KeyChange> {
    const keys: string[] = [];
    for (let row = 0; row < this.states.size; row++) {
      const change = this.changeOf(row);
      if (change !== undefined && change !== 'same') keys.push(this.states.keyOf(row));
    }
    for (const key of keys.sort()) {
      const row = this.states.rowOf(key)!;
      const change = this.changeOf(row) as ChangeKind;
      const [a, b] = keysOnly ? [] : SIDES.map((side) => this.recordOf(side, row));
      yield { change, key, a, b };
    }
  }
}
