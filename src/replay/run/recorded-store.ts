// A recorded store is a replay's store over a recorded history, which is only read. Where the store stands, and what
// the replay has compacted, are a view of that history. Reads at or above the compact revision see what compaction
// leaves; the replay never reads below it.

import { MvccwError } from '../../errors.js';
import type { History } from '../../mvcc/history.js';
import { KeepSet } from '../../mvcc/keep-set.js';
import type { RangeRequest, RangeResult } from '../../mvcc/range.js';
import { eventOf, type StoredRecord } from '../../mvcc/record.js';
import { NEWEST_STORE, type StoreBehaviours } from '../../mvcc/store-behaviour.js';
import { alreadyCompacted, checkRevision } from '../../mvcc/window.js';
import type { Commit, ReplayStore } from './replay-store.js';

export class RecordedStore implements ReplayStore {
  private standsAt: number;
  private compactedTo: number;
  private readonly upcoming: Iterator<StoredRecord>;
  private next: StoredRecord | undefined;
  /** The sub-revisions that compaction at compactRev has dropped from that very revision. */
  private droppedSubs: ReadonlySet<number> = new Set();

  /** The store stands at `baseRev` of the whole history, and commits up to `toRev`. */
  constructor(
    private readonly history: History,
    baseRev: number,
    toRev: number,
    private readonly behaviours: StoreBehaviours = NEWEST_STORE,
  ) {
    this.standsAt = baseRev;
    this.compactedTo = history.compactRev;
    this.upcoming = history.records(baseRev + 1, toRev)[Symbol.iterator]();
    this.next = this.upcoming.next().value;
  }

  get currentRev(): number {
    return this.standsAt;
  }

  get hasNext(): boolean {
    return this.next !== undefined;
  }

  get nextRev(): number | undefined {
    return this.next?.main;
  }

  get compactRev(): number {
    return this.compactedTo;
  }

  *records(fromMain: number, toMain: number): Iterable<StoredRecord> {
    for (const record of this.history.records(fromMain, Math.min(toMain, this.currentRev))) {
      if (record.main === this.compactRev && this.droppedSubs.has(record.sub)) continue;
      yield record;
    }
  }

  range(request: RangeRequest): RangeResult {
    const rev = request.rev !== undefined && request.rev > 0 ? request.rev : this.currentRev;
    checkRevision(rev, this);
    return this.history.range({ ...request, rev });
  }

  commitNext(): Commit | undefined {
    const first = this.next;
    if (first === undefined) return undefined;
    const events = [];
    for (let record: StoredRecord | undefined = first; record?.main === first.main; record = this.next) {
      events.push(eventOf(record));
      this.next = this.upcoming.next().value;
    }
    this.standsAt = first.main;
    return { revision: first.main, events };
  }

  compact(revision: number): void {
    if (revision <= this.compactRev) throw alreadyCompacted(revision, this);
    checkRevision(revision, this);
    const keep = new KeepSet(revision, this.behaviours.has('tombstoneAtCompactRev') ? 'dropped' : 'kept');
    const last = [...this.history.records(revision, revision)];
    for (const record of last) keep.observe(record.key, record);
    this.droppedSubs = new Set(last.filter((record) => !keep.holds(record.key, record)).map(({ sub }) => sub));
    this.compactedTo = revision;
  }

  restore(): void {}

  checkBackup(): void {
    throw new MvccwError('USAGE', 'a view of a recorded history cannot be restored from a backup');
  }

  restoreBackup(): void {
    this.checkBackup();
  }

  restart(cutShort: boolean): void {
    if (!cutShort) return;
    throw new MvccwError('USAGE', 'a recorded history cannot be cut short in a compaction', {
      hint: 'write the history in the scenario, under history.commits',
    });
  }
}
