// The checker holds what a replay delivers against the guarantees of a watch, as etcd's robustness tests define them
// (validate/watch.go), and against the history of the replay. It uses nothing of the watch engine, so that what the
// engine does wrong shows here.
//
// Differs from etcd: the deliveries are not collected, but checked as they come; reads at or below the history's
// compact revision, which are not possible, are not checked; a previous value may only be missing where compaction took
// it; and a watcher without a start revision is held to the one it was given.

import assert from 'node:assert';
import type { History } from '../../mvcc/history.js';
import type { KeyRange } from '../../mvcc/key-range.js';
import { KeyClasses } from '../run/key-classes.js';
import type { CheckedWatcher } from './checked-watcher.js';
import { type Chunking, HistoryChunks } from './history-chunks.js';
import type { Ledger } from './ledger.js';
import { type Violation, Violations } from './violation.js';
import { type CheckedDelivery, WatchCheck } from './watch-check.js';

export type { CheckedWatcher } from './checked-watcher.js';

export type { Account, Ledger } from './ledger.js';
export type { Guarantee, Violation } from './violation.js';

export type { CheckedDelivery } from './watch-check.js';

export interface GuaranteeOptions {
  /** The ranges of watchers that are started later. */
  readonly laterRanges?: readonly KeyRange[] | undefined;
  /** The most violations that are kept of one guarantee by one watcher; the others are counted. */
  readonly maxOfAKind?: number | undefined;
  /** The ledgers to go on with, by the names of the watchers. */
  readonly ledgers?: ReadonlyMap<string, Ledger> | undefined;
  /** The amount of history that is held at a time. */
  readonly chunking?: Chunking | undefined;
  /** Whether the history may have gone on since it was taken, so that events above it are not judged. */
  readonly mayGoOn?: boolean | undefined;
}

/** The end of a replay, which the check for silently lost events needs. */
export interface ReplayEnd {
  readonly timeUs: number;
  /** The watchers that are synced with nothing in their stream, each with the revision that the store stands at. */
  readonly synced: ReadonlyMap<string, number>;
}

const MAX_OF_A_KIND = 10;

export class GuaranteeChecker {
  private readonly classes: KeyClasses;
  private readonly chunks: HistoryChunks;
  private readonly violations: Violations;
  private readonly checks = new Map<string, WatchCheck>();
  private readonly mayGoOn: boolean;
  private readonly carried: ReadonlyMap<string, Ledger>;

  constructor(
    private readonly history: History,
    watchers: readonly CheckedWatcher[],
    {
      laterRanges = [],
      maxOfAKind = MAX_OF_A_KIND,
      chunking,
      mayGoOn = false,
      ledgers = new Map(),
    }: GuaranteeOptions = {},
  ) {
    this.mayGoOn = mayGoOn;
    this.carried = ledgers;
    this.classes = new KeyClasses([...watchers, ...laterRanges]);
    this.chunks = new HistoryChunks(history, this.classes, chunking);
    this.violations = new Violations(maxOfAKind);
    for (const watcher of watchers) this.start(watcher);
  }

  /** Starts a watch. It ends an earlier watch of the same name, and goes on with the ledger of that. */
  start(watcher: CheckedWatcher): void {
    const range = this.classes.of(watcher);
    assert(range !== undefined, `the range of watcher ${watcher.name} was not announced`);
    this.end(watcher.name);
    const ledger = this.checks.get(watcher.name)?.ledger ?? this.carried.get(watcher.name);
    this.checks.set(watcher.name, new WatchCheck(watcher, range, this.chunks, this.violations, ledger, this.mayGoOn));
  }

  /** Ends a watch, because its client has cancelled it or lost the connection: nothing more is due. */
  end(name: string): void {
    this.chunks.refresh();
    this.checks.get(name)?.end();
  }

  /** Ends a watch and forgets it. Returns its ledger; undefined if no such watch was started. */
  forget(name: string): Ledger | undefined {
    this.end(name);
    const check = this.checks.get(name);
    this.checks.delete(name);
    return check?.ledger;
  }

  /** Returns the violations that were found since it was last called, and forgets them. */
  take(): readonly Violation[] {
    return this.violations.take();
  }

  /**
   * Checks a response. Responses come in the order in which the consumer took them. `compactRev` is where the store's
   * window begins at that time: below it, previous values may be missing. Progress of no known watcher is for all
   * watchers of its stream.
   */
  add(delivery: CheckedDelivery, compactRev = this.history.compactRev): void {
    const check = this.checks.get(delivery.watcher);
    if (check !== undefined) {
      check.add(delivery, compactRev);
      return;
    }
    assert(delivery.via === 'progress', `no watcher ${delivery.watcher} was started`);
    for (const other of this.checks.values()) {
      const { name, stream = name } = other.watcher;
      if (stream === delivery.stream && !other.ended) other.add(delivery, compactRev);
    }
  }

  /** Returns the violations in the order in which they showed: the first few of each watcher and guarantee. */
  finish(end: ReplayEnd = { timeUs: 0, synced: new Map() }): readonly Violation[] {
    for (const check of this.checks.values()) {
      const syncedRev = check.ended ? undefined : end.synced.get(check.watcher.name);
      check.end();
      if (syncedRev !== undefined) check.checkUndelivered(syncedRev, end.timeUs);
    }
    return this.violations.kept;
  }

  /** The ledgers of the watchers that lost events or saw some twice, by name. */
  get ledgers(): ReadonlyMap<string, Ledger> {
    const all = new Map([...this.carried, ...[...this.checks].map(([name, { ledger }]) => [name, ledger] as const)]);
    return new Map([...all].filter(([, ledger]) => ledger.lost.count + ledger.twice.count > 0));
  }

  /** The number of violations that were not kept. */
  get omitted(): number {
    return this.violations.omitted;
  }
}
