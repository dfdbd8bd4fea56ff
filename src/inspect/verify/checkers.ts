// A checker has to know all ranges before it reads the history. Streams describe their watches before the first response
// as far as they can; a range that comes later gets a checker of its own.

import type { History } from '../../mvcc/history.js';
import type { KeyRange } from '../../mvcc/key-range.js';
import { GuaranteeChecker } from '../../replay/guarantees/guarantees.js';

/** The part of the history that a checker keeps. */
const CHUNKING = { revisionsPerChunk: 65_536, maxKeptBytes: 16_000_000 };

export class Checkers {
  private readonly byRange = new Map<string, GuaranteeChecker>();
  private announced = new Map<string, KeyRange>();

  constructor(private readonly history: History) {}

  /** Takes note of a range that a checker may be asked for. */
  announce(range: KeyRange): void {
    const name = nameOf(range);
    if (!this.byRange.has(name)) this.announced.set(name, range);
  }

  /** Returns the checker for a range, which also is that of all ranges announced since the last one was made. */
  for(range: KeyRange): GuaranteeChecker {
    const known = this.byRange.get(nameOf(range));
    if (known !== undefined) return known;
    this.announce(range);
    const checker = new GuaranteeChecker(this.history, [], {
      laterRanges: [...this.announced.values()],
      maxOfAKind: Number.POSITIVE_INFINITY,
      chunking: CHUNKING,
      mayGoOn: true,
    });
    for (const name of this.announced.keys()) this.byRange.set(name, checker);
    this.announced = new Map();
    return checker;
  }
}

const nameOf = ({ key, end }: KeyRange): string => JSON.stringify([key, end ?? null]);
