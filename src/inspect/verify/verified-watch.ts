// What one recorded watch comes to.

import type { KeyRange } from '../../mvcc/key-range.js';
import type { Account, Ledger } from '../../replay/guarantees/guarantees.js';
import type { DeliveredEvent } from '../../watch/prev-kv.js';
import type { Place } from './recorded.js';

/** What the stream does not say of a watch, so that it is taken from its events. */
export type Assumption = 'range' | 'filters' | 'start';

export interface VerifiedWatch {
  readonly watch: string;
  /** Where the watch begins in the stream. */
  readonly place: Place;
  readonly range: KeyRange | undefined;
  /** The first revision that it was to see; undefined if nothing tells it. */
  readonly fromRev: number | undefined;
  readonly assumed: readonly Assumption[];
  readonly responses: number;
  readonly events: number;
  readonly firstRevision: number | undefined;
  readonly lastRevision: number | undefined;
  readonly lost: Account;
  readonly repeated: Account;
  readonly unjudged: Unjudged;
}

/** What the store does not know, so that nothing is said of it. */
export interface Unjudged {
  readonly events: number;
  /** The lowest revision that compaction has taken from the store; undefined if none was needed. */
  readonly belowFrom: number | undefined;
  /** The highest revision above the store's newest one; undefined if none was told of. */
  readonly aboveTo: number | undefined;
}

const NOTHING: Account = { count: 0, first: [] };

/** Counts what a watch brings. */
export class WatchTally {
  responses = 0;
  events = 0;
  private firstRevision: number | undefined;
  private lastRevision: number | undefined;
  private unjudgedEvents = 0;
  private belowFrom: number | undefined;
  private aboveTo: number | undefined;

  /** Adds the events of a response; `isKnown` says whether the store can tell of one. */
  add(events: readonly DeliveredEvent[], isKnown: (event: DeliveredEvent) => boolean): void {
    this.responses++;
    this.events += events.length;
    for (const event of events) {
      const { modRevision } = event.kv;
      this.firstRevision ??= modRevision;
      this.lastRevision = Math.max(this.lastRevision ?? 0, modRevision);
      if (!isKnown(event)) this.unjudgedEvents++;
    }
  }

  /** Notes revisions that would have to be known: those outside of the window are not judged. */
  need(fromRev: number, toRev: number, { compactRev, currentRev }: { compactRev: number; currentRev: number }): void {
    if (fromRev < compactRev) this.belowFrom = Math.min(fromRev, this.belowFrom ?? fromRev);
    if (toRev > currentRev) this.aboveTo = Math.max(toRev, this.aboveTo ?? toRev);
  }

  result(
    of: Pick<VerifiedWatch, 'watch' | 'place' | 'range' | 'fromRev' | 'assumed'>,
    ledger: Ledger | undefined,
  ): VerifiedWatch {
    const { responses, events, firstRevision, lastRevision, belowFrom, aboveTo } = this;
    return {
      ...of,
      responses,
      events,
      firstRevision,
      lastRevision,
      lost: ledger?.lost ?? NOTHING,
      repeated: ledger?.twice ?? NOTHING,
      unjudged: { events: this.unjudgedEvents, belowFrom, aboveTo },
    };
  }
}
