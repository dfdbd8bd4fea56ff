// The database that lies beside a log, as a witness of what the member itself has made of the log: all its records above
// its last compaction, and below that the newest one of each key that was there.

import type { Entry } from '../backend.js';
import { decodeRevisionKey, revisionKeyBound } from '../revision.js';
import { readState } from '../store-state.js';
import { type ApplyBase, asBackend, consistentIndexOf } from './base-state.js';

/** Which entry of a log has made a revision. */
interface AppliedRevisions {
  readonly baseRev: number;
  indexOf(main: number): number | undefined;
}

export class Witness {
  /** The last entry that the database has. */
  readonly index: number;
  private readonly currentRev: number;
  private readonly compactRev: number;
  private readonly isCompactionDone: boolean;

  constructor(private readonly db: ApplyBase) {
    const { currentRev, compactRev, scheduledCompactRev, finishedCompactRev } = readState(asBackend(db.tables));
    this.index = consistentIndexOf(db);
    this.currentRev = currentRev;
    this.compactRev = compactRev;
    this.isCompactionDone = scheduledCompactRev === finishedCompactRev;
  }

  /** Begins to check an application that goes on from a revision. */
  begin(baseRev: number): WitnessCheck {
    const { currentRev, compactRev, index } = this;
    const countedRev = this.isCompactionDone && compactRev > baseRev ? compactRev : -1;
    const putsBelow = countedRev > 0 ? this.countPuts(baseRev) : 0;
    const records = this.db.tables.key.entries({ gte: revisionKeyBound(baseRev + 1) });
    return new WitnessCheck(records[Symbol.iterator](), { currentRev, compactRev, countedRev, putsBelow, index });
  }

  /** Returns the entry of an application behind which all keys are known from the database. */
  anchorIndex(applied: AppliedRevisions): number {
    if (this.compactRev <= applied.baseRev) return 0;
    return (this.isCompactionDone ? applied.indexOf(this.compactRev) : undefined) ?? Number.POSITIVE_INFINITY;
  }

  /** The revision from which on the database tells the whole state; undefined if it does not. */
  knownRev(baseRev: number): number | undefined {
    if (this.compactRev <= baseRev) return baseRev;
    return this.isCompactionDone ? this.compactRev : undefined;
  }

  private countPuts(upToMain: number): number {
    let puts = 0;
    for (const { key, value } of this.db.tables.key.entries({ lt: revisionKeyBound(upToMain + 1) })) {
      if (value.length > 0 && !decodeRevisionKey(key).tombstone) puts++;
    }
    return puts;
  }
}

interface WitnessWindow {
  readonly currentRev: number;
  readonly compactRev: number;
  /** The revision at which the records are those of the keys that are there, one each; -1 if there is none. */
  readonly countedRev: number;
  /** The number of puts that are below all revisions of the application. */
  readonly putsBelow: number;
  readonly index: number;
}

/** Checks the revisions of an application in their order. */
export class WitnessCheck {
  private next: Entry | undefined;
  private puts: number;

  constructor(
    private readonly records: Iterator<Entry>,
    private readonly window: WitnessWindow,
  ) {
    this.puts = window.putsBelow;
    this.advance();
  }

  private advance(): void {
    const { value, done } = this.records.next();
    this.next = done === true ? undefined : value;
  }

  /** Returns whether the witness agrees to the records of a revision, and to the number of keys that are there then. */
  revision(main: number, made: Iterable<Entry>, liveKeys: number): boolean {
    const { compactRev, countedRev } = this.window;
    for (const { key, value } of made) {
      if (this.next?.key.equals(key)) {
        if (!this.next.value.equals(value)) return false;
        if (!decodeRevisionKey(key).tombstone) this.puts++;
        this.advance();
      } else if (main > compactRev) return false;
    }
    // What is left at this revision, nobody has made.
    if (this.next !== undefined && decodeRevisionKey(this.next.key).main <= main) return false;
    return main !== countedRev || this.puts === liveKeys;
  }

  /** Returns whether the witness agrees to the newest revision after an entry. */
  entry(index: number, main: number): boolean {
    return index !== this.window.index || main === this.window.currentRev;
  }
}
