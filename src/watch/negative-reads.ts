// The releases before 3.4.38, 3.5.24 and 3.6.6 accept a watcher that starts at revision -1 as long as nothing was
// compacted. This is the behaviour negativeStart. A sync pass then reads from -1 on. The revision key of -1 lies above
// all others, so that the pass reads nothing, and takes every watcher that it looked at as synced (etcd pull request
// 20693).

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
