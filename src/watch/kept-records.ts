// Releases 3.6.0 to 3.6.8 keep the events of one sync pass for the next, and read only what lies before and behind
// them (rangeEventsWithReuse): behaviour eventsKept. What compaction has dropped meanwhile is still there.

import type { StoredRecord } from '../mvcc/record.js';
import type { WatchableHistory } from './watch-engine.js';

export class KeptRecords implements WatchableHistory {
  private kept: StoredRecord[] = [];

  constructor(private readonly history: WatchableHistory) {}

  get currentRev(): number {
    return this.history.currentRev;
  }

  get compactRev(): number {
    return this.history.compactRev;
  }

  records(fromMain: number, toMain: number): Iterable<StoredRecord> {
    const first = this.kept[0];
    const last = this.kept[this.kept.length - 1];
    if (first === undefined || last === undefined) {
      this.kept = [...this.history.records(fromMain, toMain)];
    } else {
      const before = first.main > fromMain ? [...this.history.records(fromMain, first.main - 1)] : [];
      const behind = [...this.history.records(last.main + 1, toMain)];
      this.kept = [...before, ...this.kept, ...behind];
    }
    return this.kept.filter(({ main }) => main >= fromMain);
  }
}
