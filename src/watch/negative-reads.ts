// Releases before 3.4.38, 3.5.24 and 3.6.6 take a watcher that starts at -1, where nothing was compacted, and a sync pass
// then reads from -1 on: behaviour negativeStart. As a revision key that is above all others, so the pass reads nothing,
// and takes every watcher that it looked at as synced (etcd pull request 20693).

import type { StoredRecord } from '../mvcc/record.js';
import type { WatchableHistory } from './watchable-history.js';

export class NegativeReads implements WatchableHistory {
  constructor(private readonly history: WatchableHistory) {}

  get currentRev(): number {
    return this.history.currentRev;
  }

  get compactRev(): number {
    return this.history.compactRev;
  }

  records(fromMain: number, toMain: number): Iterable<StoredRecord> {
    return fromMain < 0 ? [] : this.history.records(fromMain, toMain);
  }
}
