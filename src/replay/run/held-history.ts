// A held history reads and decodes its records once and keeps them in memory. It serves replay after replay of a short
// history.

import { countBefore } from '../../adt/binary-search.js';
import type { History } from '../../mvcc/history.js';
import type { RangeRequest, RangeResult } from '../../mvcc/range.js';
import type { StoredRecord } from '../../mvcc/record.js';

export class HeldHistory implements History {
  private readonly held: readonly StoredRecord[];

  constructor(private readonly history: History) {
    this.held = [...history.records(0, history.currentRev)];
  }

  get currentRev(): number {
    return this.history.currentRev;
  }

  get compactRev(): number {
    return this.history.compactRev;
  }

  *records(fromMain: number, toMain: number): Iterable<StoredRecord> {
    const { held } = this;
    const first = countBefore(held.length, (place) => held[place]!.main < fromMain);
    for (let at = first; at < held.length && held[at]!.main <= toMain; at++) yield held[at]!;
  }

  range(request: RangeRequest): RangeResult {
    return this.history.range(request);
  }
}
