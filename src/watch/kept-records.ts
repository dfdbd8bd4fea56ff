// The releases 3.6.0 to 3.6.8 keep the events of one sync pass for the next, and read only what lies before and behind
// them (rangeEventsWithReuse). This is the behaviour eventsKept. A record that compaction has dropped meanwhile is
// still among those that were kept.
//
//   kept by the last pass          5 ─────────── 40
//   a pass from 3 on, up to 60   3 ┤   reused    ├ read ─ 60
//   a pass from 20 on, up to 60           20 ────┤ read ─ 60     what lies before is let go

import type { StoredRecord } from '../mvcc/record.js';
import type { WatchableHistory } from './watchable-history.js';

export class KeptRecords implements WatchableHistory {
  private kept: StoredRecord[] = [];

  constructor(private readonly history: WatchableHistory) {}

  get currentRev(): number {
    return this.history.currentRev;
  }

  get compactRev(): number {
    return this.history.compactRev;
  }

  /** Reads what is needed for a pass from `minRev` on. The engine calls it before each pass. */
  startPass(minRev: number): void {
    const { history, currentRev } = this;
    const first = this.kept[0]?.main ?? minRev;
    const before = first > minRev ? [...history.records(minRev, first - 1)] : [];
    const reused = this.kept.filter(({ main }) => main >= minRev && main <= currentRev);
    const last = reused[reused.length - 1]?.main ?? minRev - 1;
    const behind = last < currentRev ? [...history.records(last + 1, currentRev)] : [];
    this.kept = [...before, ...reused, ...behind];
  }

  records(fromMain: number, toMain: number): Iterable<StoredRecord> {
    return this.kept.filter(({ main }) => main >= fromMain && main <= toMain);
  }
}
