// Finds the revisions that a log and the database beside it give together. The log is applied to an empty store if it
// begins at its first entry, or to an older database that is given, and its records are held against the database:
//
//   entries      1 ――――――――――――――――――― 2241 ―― 2277
//   log          2 ――――――――――――――――――― 1626 ―― 1650   revisions
//   database                  1374 ――― 1626
//
// Behind the last entry of the database, the log gives what the server would apply at its next start. A log that ends
// before it, as it is damaged or a part of it is missing, is joined with the database: up to the revision at which they
// still agree the records are the log's, and above it the database's. Where a log does not begin at its first entry, and
// nothing is given that it goes on from, it only adds to the database what follows that.

import { MvccwError } from '../../errors.js';
import { type AppliedLog, applyLog } from '../../mvcc/apply/apply-log.js';
import { type ApplyBase, consistentIndexOf } from '../../mvcc/apply/base-state.js';
import type { ReadBackend } from '../../mvcc/backend.js';
import { JoinedTable } from '../../mvcc/joined-table.js';
import { revisionKeyBound } from '../../mvcc/revision.js';
import { CheckedStoreReader } from '../../mvcc/store.js';
import { readState, type StoreState } from '../../mvcc/store-state.js';
import type { RevisionOrigin } from '../../wal/origin.js';
import type { RaftLog } from '../../wal/raft-log.js';
import { type Alignment, alignLog } from '../align/align.js';
import { firstDifference, type RecordDifference } from './first-difference.js';
import { commitOf, otherTermIn, type Run, restoredAt, runFrom, runsOf } from './log-runs.js';
import * as say from './window-text.js';

/** An etcd file. */
export type LogDatabase = ApplyBase & ReadBackend & { readonly path: string };

export interface LogSides {
  readonly raft: RaftLog;
  /** An older database, which the log is applied to. */
  readonly base?: LogDatabase | undefined;
  /** The database of the same member, which has applied the same entries. */
  readonly beside?: LogDatabase | undefined;
  /** Whether nobody has written to the database beside since it was opened. */
  readonly isUnchanged?: (() => boolean) | undefined;
  /** Called now and then with the index of the entry that was applied last. */
  readonly onIndex?: ((index: number) => void) | undefined;
}

type Tables = Pick<ReadBackend['tables'], 'key' | 'meta' | 'lease'>;
type OriginsOf = (main: number) => readonly RevisionOrigin[];

export interface LogWindow {
  readonly tables: Tables;
  /** Returns the entry that a revision came from; several if it is one of them, none if nothing is known. */
  readonly originsOf: OriginsOf;
  /** The index of the last entry whose changes are in it. */
  readonly lastIndex: number;
  /** Whether records of the database beside are part of it. */
  readonly usesBeside: boolean;
  /** What its reader should know. */
  readonly remarks: readonly string[];
  /** The highest revision at which the server is known to have compacted, which is no bound of this window; 0 if none. */
  readonly compactedRev: number;
  /** Why it may not be all that was written, or not what was written; undefined if nothing is wrong. */
  readonly problem: string | undefined;
  /** Why it may be another than the server had: an entry of which the log does not decide the effect. */
  readonly doubt: WindowDoubt | undefined;
}

export interface WindowDoubt {
  readonly text: string;
  /** The first and the last revision at which the state may have been another. */
  readonly from: number;
  readonly to: number;
}

/** Throws GAP if the log cannot be applied to what is given. */
export function logWindow(sides: LogSides): LogWindow {
  return new WindowFinder(sides).find();
}

/** The database beside the log, as far as it matters here. */
interface Beside {
  readonly database: LogDatabase;
  readonly state: StoreState;
  /** The index of the last entry that it has applied. */
  readonly index: number;
}

/** The log, applied to what it goes on from. */
interface Head {
  readonly applied: AppliedLog;
  readonly run: Run;
  readonly base: LogDatabase | undefined;
}

class WindowFinder {
  private readonly raft: RaftLog;
  private readonly runs: readonly Run[];
  private readonly beside: Beside | undefined;
  private readonly remarks: string[] = [];
  private readonly problems: string[] = [];
  private doubt: WindowDoubt | undefined;
  private compactedRev = 0;

  constructor(private readonly sides: LogSides) {
    const { raft, beside } = sides;
    this.raft = raft;
    this.runs = runsOf(raft);
    this.compactedRev = beside === undefined ? 0 : Math.max(stateOf(beside).compactRev, 0);
    this.beside = beside && { database: beside, state: stateOf(beside), index: indexOf(beside) };
    if (raft.damage !== undefined) this.problems.push(say.damaged(raft.damage, raft));
  }

  find(): LogWindow {
    const { raft, beside, sides } = this;
    if (sides.base !== undefined) return this.fromStart(sides.base, this.runBehind(sides.base));
    const [first] = this.runs;
    if (first?.from === 1 && restoredAt(raft) === undefined) return this.fromStart(undefined, first);
    if (beside !== undefined) {
      this.remarks.push(say.noStart(raft, beside.state));
      return this.onBeside(beside);
    }
    throw new MvccwError('GAP', say.noStart(raft, undefined), { hint: say.GIVE_A_BASE });
  }

  /** Returns the entries that go on from a database. Throws GAP, with the indexes that are missing. */
  private runBehind(base: LogDatabase): Run {
    const index = consistentIndexOf(base);
    const run = runFrom(this.runs, index);
    if (run !== undefined) return run;
    throw new MvccwError('GAP', say.gapBehind(base.path, index, this.runs), { hint: say.GIVE_A_NEWER_BASE });
  }

  private fromStart(base: LogDatabase | undefined, run: Run): LogWindow {
    const { raft, beside } = this;
    const { onIndex } = this.sides;
    const upTo = commitOf(raft, run, beside?.index ?? 0);
    const applied = applyLog(raft, base, { upTo, beside: beside?.database, onIndex });
    const head = { applied, run, base };
    if (beside === undefined) return this.whole(head, 0);
    const difference = this.differenceOf(head, beside);
    // What the database seemed to settle is open then.
    if (difference === 'unknown') return this.whole({ ...head, applied: applyLog(raft, base, { upTo, onIndex }) }, 0);
    if (difference !== undefined) return this.joinedBelow(head, beside, difference);
    if (applied.lastIndex >= beside.index) return this.whole(head, beside.index);
    return this.joinedShort(head, beside);
  }

  /** Compares up to the last entry that both have. Returns 'unknown' where the database cannot be compared with. */
  private differenceOf(head: Head, { database, state, index }: Beside): RecordDifference | 'unknown' | undefined {
    const { applied } = head;
    const logRev = this.revisionAt(applied, Math.min(applied.lastIndex, index));
    const databaseRev = applied.lastIndex >= index ? state.currentRev : Math.min(state.currentRev, logRev);
    const { compactRev } = state;
    let difference: RecordDifference | 'unknown' | undefined = 'unknown';
    try {
      const { key } = applied.backend.tables;
      difference = firstDifference({ log: key, database: database.tables.key, logRev, databaseRev, compactRev });
    } catch (error) {
      if (!(error instanceof MvccwError) || error.code !== 'CORRUPT') throw error;
      if (this.isUnchanged) this.problems.push(say.besideDamaged(database.path, error.message));
    }
    if (this.isUnchanged) return difference;
    if (applied.lastIndex < index)
      throw new MvccwError('IO', say.besideChanged(database.path), { hint: say.READ_AGAIN });
    this.remarks.push(say.besideChanged(database.path));
    return 'unknown';
  }

  private get isUnchanged(): boolean {
    return this.sides.isUnchanged?.() ?? true;
  }

  /** Returns the newest revision of the log behind an entry. */
  private revisionAt(applied: AppliedLog, index: number): number {
    let [low, high] = [applied.baseRev, applied.currentRev];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((applied.indexOf(middle) ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** All that the log gives; up to `settledIndex` the database has the same. */
  private whole(head: Head, settledIndex: number): LogWindow {
    const { beside } = this;
    const { applied, base } = head;
    const to = applied.lastIndex;
    this.remarks.push(say.scope(applied, base, beside?.state));
    if (settledIndex > 0 && to > settledIndex) this.remarks.push(say.aheadOf(settledIndex, to));
    this.tellEnd(head);
    this.tellDoubts(applied);
    return this.window(applied.backend.tables, this.originsOfHead(head), to, false);
  }

  /** A log that ends before the last entry of the database. */
  private joinedShort(head: Head, beside: Beside): LogWindow {
    const { applied, run } = head;
    const { currentRev, baseRev, lastIndex: to } = applied;
    const isJump = run.to < this.raft.lastIndex;
    const joins = currentRev >= beside.state.compactRev;
    if (isJump) this.remarks.push(say.jump(run, this.runs, beside.index));
    else if (this.raft.damage === undefined) {
      // Where the log was copied before the database, nothing is wrong with it, and nothing is missing.
      const isCopiedBefore = joins && endsInZeros(this.raft);
      const told = isCopiedBefore ? this.remarks : this.problems;
      told.push(say.endsEarly(this.raft, to, beside.index));
    }
    this.tellDoubts(applied);
    if (joins) {
      this.remarks.push(say.joined(currentRev, to, beside.state));
      return this.joined(head, beside, currentRev);
    }
    if (isJump) {
      this.remarks.push(say.doesNotJoin(baseRev, currentRev, beside.state));
      return this.onBeside(beside);
    }
    this.problems.push(say.databaseBeyond(currentRev, beside.state));
    this.remarks.push(say.scope(applied, head.base, beside.state));
    return this.window(applied.backend.tables, this.originsOfHead(head), to, false);
  }

  /** The log and the database contradict each other: the database knows best what the member has. */
  private joinedBelow(head: Head, beside: Beside, difference: RecordDifference): LogWindow {
    const joinRev = difference.revision.main - 1;
    this.problems.push(say.differs(difference, head.applied));
    if (joinRev < beside.state.compactRev || joinRev <= head.applied.baseRev) return this.onBeside(beside);
    this.remarks.push(say.joined(joinRev, undefined, beside.state));
    return this.joined(head, beside, joinRev);
  }

  private joined(head: Head, beside: Beside, joinRev: number): LogWindow {
    const { tables: lower } = head.applied.backend;
    const { tables: upper, originsOf: upperOrigins, to } = this.behind(beside);
    const key = new JoinedTable(lower.key, upper.key, revisionKeyBound(joinRev + 1));
    const lowerOrigins = this.originsOfHead(head);
    const origins: OriginsOf = (main) => (main <= joinRev ? lowerOrigins(main) : upperOrigins(main));
    return this.window({ key, meta: lower.meta, lease: upper.lease }, origins, to, true);
  }

  /** The database, and what follows it in the log. */
  private onBeside(beside: Beside): LogWindow {
    const { tables, originsOf, to } = this.behind(beside);
    return this.window(tables, originsOf, to, true);
  }

  private behind(beside: Beside): { tables: Tables; originsOf: OriginsOf; to: number } {
    const { raft } = this;
    const { database, index } = beside;
    const run = runFrom(this.runs, index);
    if (run === undefined || run.to === index) {
      const isTold = this.raft.lastIndex > 0 && this.raft.lastIndex < index && this.runs[0]?.from === 1;
      if (run === undefined && index > 0 && !isTold) this.problems.push(say.gapBehind(database.path, index, this.runs));
      return { tables: database.tables, originsOf: this.originsOfDatabase(beside), to: index };
    }
    const otherTerm = otherTermIn(raft, database);
    if (otherTerm !== undefined) {
      this.problems.push(`${say.otherTerm(database.path, otherTerm)}: nothing of the log is applied to it`);
      return { tables: database.tables, originsOf: () => [], to: index };
    }
    const applied = applyLog(raft, database, { upTo: commitOf(raft, run, index), onIndex: this.sides.onIndex });
    const to = applied.lastIndex;
    if (to > index) this.remarks.push(say.aheadOf(index, to));
    this.tellEnd({ applied, run, base: database });
    this.tellDoubts(applied);
    const [ofBeside, ofApplied] = [this.originsOfDatabase(beside), originsOf(applied)];
    const origins: OriginsOf = (main) => (main <= beside.state.currentRev ? ofBeside(main) : ofApplied(main));
    return { tables: applied.backend.tables, originsOf: origins, to };
  }

  /** Returns the entries of the revisions that the log gives, and of those of its base. */
  private originsOfHead({ applied, base }: Head): OriginsOf {
    const ofApplied = originsOf(applied);
    if (base === undefined) return ofApplied;
    const ofBase = this.originsOfDatabase({ database: base, index: consistentIndexOf(base) });
    return (main) => (main <= applied.baseRev ? ofBase(main) : ofApplied(main));
  }

  /** Returns the entries of the revisions that a database has. They are looked for when the first one is asked for. */
  private originsOfDatabase({ database, index }: Pick<Beside, 'database' | 'index'>): OriginsOf {
    let alignment: Alignment | undefined;
    const align = () =>
      alignLog({ store: new CheckedStoreReader(database), base: database, log: this.raft, lastIndex: index });
    return (main) => {
      alignment ??= align();
      return alignment.originsOf(main);
    };
  }

  /** Tells what the log has behind the last entry that was applied. */
  private tellEnd({ applied: { lastIndex: to, stop }, run }: Head): void {
    const { raft, remarks } = this;
    if (stop !== undefined) this.problems.push(say.stopped(stop));
    if (run.to > to) remarks.push(say.leftOut(to + 1, run.to));
    if (run.to < raft.lastIndex) this.problems.push(say.jumpBehind(run, this.runs));
    else if ((raft.hardState?.commit ?? 0) > raft.lastIndex && raft.damage === undefined) {
      this.problems.push(say.endsEarly(raft, to, raft.hardState!.commit));
    } else if (raft.tornTail !== undefined) remarks.push(say.torn(raft.tornTail));
  }

  /** Takes note of the compactions, and tells of what neither the log nor the database decides. */
  private tellDoubts(applied: AppliedLog): void {
    for (const { revision } of applied.compactions) this.compactedRev = Math.max(this.compactedRev, revision);
    const open = applied.doubts.filter(({ decidedBy }) => decidedBy === 'rule');
    const [first] = open;
    if (first === undefined) return;
    const from = this.revisionAt(applied, first.index - 1) + 1;
    const to = Math.max(...open.map(({ until = Number.POSITIVE_INFINITY }) => until));
    this.doubt = { text: say.doubtful(first, open.length, from, to), from, to };
  }

  private window(tables: Tables, originsOf: OriginsOf, lastIndex: number, usesBeside: boolean): LogWindow {
    const { remarks, problems, doubt } = this;
    return {
      tables,
      originsOf,
      lastIndex,
      usesBeside,
      remarks,
      compactedRev: this.compactedRev,
      problem: joinTexts(problems),
      doubt,
    };
  }
}

/** Whether a log ends where a server would write the next entry. */
function endsInZeros({ segments, tornTail }: RaftLog): boolean {
  const last = segments.at(-1);
  return last !== undefined && tornTail === undefined && last.usedBytes < last.sizeBytes;
}

function joinTexts(texts: readonly string[]): string | undefined {
  return texts.length === 0 ? undefined : texts.join('; ');
}

function originsOf(applied: AppliedLog): OriginsOf {
  return (main) => {
    const origin = applied.originOf(main);
    return origin === undefined ? [] : [origin];
  };
}

function stateOf(database: LogDatabase): StoreState {
  return readState(database);
}

/** Returns the last entry that a database has; 0 if it has none yet. */
function indexOf(database: LogDatabase): number {
  return stateOf(database).currentRev > 1 ? consistentIndexOf(database) : 0;
}
