// Finds the entries of a log that made the revisions of a window, where the log begins in the middle and the state before
// it is not known. The file says up to which entry it goes; from there the entries are held against the revisions, both
// from the newest one down:
//
//   entry      812        813        814        815 = consistent index
//              put a=1    delete x   put a=1    put b=2
//   revision   40 ------- none ----- 41 ------- 42 = newest          if x was not there, and 40 has a=1
//
// An entry can have made a revision, or none, or both may be so. All ways to assign entries to revisions that contradict
// nothing are followed at once; their places are the revisions at which the store can have stood between two entries. Ways
// that come to a contradiction further down are dropped afterwards, from the beginning up. An entry is only given out for
// a revision if it made that revision in all of the ways that are left.

import assert from 'node:assert';
import { NumberColumn } from '../../adt/number-column.js';
import { MvccwError } from '../../errors.js';
import { type ApplyBase, lastTermOf } from '../../mvcc/apply/base-state.js';
import type { StoreReader } from '../../mvcc/store.js';
import { decodeRequest } from '../../wal/decode-request.js';
import type { RevisionOrigin, RevisionRequest } from '../../wal/origin.js';
import { NORMAL, type RaftLog } from '../../wal/raft-log.js';
import type { RaftRequest } from '../../wal/request.js';
import { KeyStates } from './key-states.js';
import { LogConditions } from './log-conditions.js';
import { common, highestOf, holdsPlace, joined, onlyPlace, type Places, type Run } from './places.js';
import { RequestEffects } from './request-effects.js';

type AlignedLog = Pick<RaftLog, 'firstIndex' | 'entries' | 'entry' | 'read' | 'jumps'>;

export interface AlignOptions {
  /** The store as the file has it, without the log. */
  readonly store: StoreReader;
  readonly base: ApplyBase;
  readonly log: AlignedLog;
  /** The index of the last entry that is in the file. */
  readonly lastIndex: number;
}

export interface Alignment {
  /** Returns the entries that may have made a revision: one if it is certain, none if it may lie before the log. */
  originsOf(main: number): readonly RevisionOrigin[];
  /** The index of an entry at which no way was left: the log and the file contradict one another; undefined if they do not. */
  readonly contradiction: number | undefined;
}

/** How many entries are decoded at once. */
const CHUNK_ENTRIES = 64;
/** With more runs of places than this, nothing below is decided. */
const MAX_RUNS = 64;

/** What an entry can have done from each of the places behind it. */
interface Steps {
  /** The places at which it can have made no revision. */
  readonly none: Places;
  /** The revisions that it can have made. */
  readonly made: Places;
}

/** The requests that can make a revision. */
const CHANGES = new Set<RaftRequest['kind']>(['put', 'deleteRange', 'txn', 'leaseRevoke']);

export function alignLog(options: AlignOptions): Alignment {
  return new Aligner(options).align();
}

class Aligner {
  private readonly conditions: LogConditions;
  private readonly effects: RequestEffects;
  private readonly states: KeyStates;
  /** Where the window begins: below it there are no revisions to hold against anything. */
  private readonly floor: number;
  private readonly firstIndex: number;
  /** What entries with only one way did: 1 made the revision behind them, 2 made none. */
  private readonly single = new NumberColumn(Uint8Array);
  private readonly several = new Map<number, Steps>();

  constructor(private readonly options: AlignOptions) {
    const { store, base, log, lastIndex } = options;
    this.floor = Math.max(store.compactRev, 1);
    // Behind a gap, the log is as one that begins there.
    const gap = log.jumps.findLast(({ to }) => to <= lastIndex);
    let firstIndex = gap?.to ?? log.firstIndex;
    let conditions = new LogConditions(base);
    for (const { index, type, data } of log.entries(firstIndex, lastIndex)) {
      const request = requestIn(type, data);
      if (request === 'unknown') {
        // It may have done anything, so that the log is as one that begins behind it.
        firstIndex = index + 1;
        conditions = new LogConditions(base);
      } else if (request !== undefined) conditions.see(index, request);
    }
    this.firstIndex = firstIndex;
    this.conditions = conditions;
    this.states = new KeyStates(store);
    this.effects = new RequestEffects(this.states, this.conditions);
  }

  align(): Alignment {
    const { store, lastIndex, log } = this.options;
    if (!this.isOfOneHistory()) return { originsOf: () => [], contradiction: lastIndex };
    let places: Places = [{ lo: store.currentRev, hi: store.currentRev, isFull: false }];
    for (let to = lastIndex; to >= this.firstIndex; to -= CHUNK_ENTRIES) {
      const entries = [...log.entries(Math.max(to - CHUNK_ENTRIES + 1, this.firstIndex), to)];
      for (const { index, type, data } of entries.reverse()) {
        places = this.placesBefore(index, requestIn(type, data), places);
        if (places.length === 0) return { originsOf: () => [], contradiction: index };
        if (places.length > MAX_RUNS || highestOf(places) <= this.floor) return this.alignment(index, places);
      }
    }
    return this.alignment(this.firstIndex, places);
  }

  /** Tells whether the log has the last entry of the file, and it is of the same term, as far as the file names that. */
  private isOfOneHistory(): boolean {
    const { base, log, lastIndex } = this.options;
    const entry = log.entry(lastIndex);
    const term = lastTermOf(base);
    return entry !== undefined && (term === undefined || term === entry.term);
  }

  /** Returns the places before an entry from those behind it, and keeps what it can have done. */
  private placesBefore(index: number, request: ReadRequest, after: Places): Places {
    this.states.forgetAbove(highestOf(after));
    const steps = this.stepsOf(index, request, after);
    const before = joined([...steps.none, ...steps.made.map((run) => ({ ...run, lo: run.lo - 1, hi: run.hi - 1 }))]);
    if (onlyPlace(after) !== undefined && onlyPlace(before) !== undefined) {
      this.single.set(index - this.firstIndex, steps.made.length > 0 ? 1 : 2);
    } else {
      this.several.set(index, steps);
    }
    // Before the first event of an alarm, it may have been on all the time, or off.
    if (index !== this.conditions.firstAlarmIndex) return before;
    return joined([...before, ...before.map((run) => ({ ...run, isFull: true }))]);
  }

  private stepsOf(index: number, request: ReadRequest, after: Places): Steps {
    if (request === 'unknown') return { none: [], made: [] };
    if (request?.kind === 'leaseGrant') return { none: this.beforeFirstPut(index, request.id, after), made: [] };
    if (request === undefined || !CHANGES.has(request.kind)) return { none: after, made: [] };
    const none: Run[] = [];
    const made: Run[] = [];
    for (const run of after) {
      if (run.lo <= this.floor) none.push({ ...run, hi: Math.min(run.hi, this.floor) });
      const lo = Math.max(run.lo, this.floor + 1);
      if (lo > run.hi) continue;
      for (const isFull of this.fullness(index, run.isFull)) {
        none.push(...this.effects.placesOfNone(index, request, { ...run, lo }, isFull));
        for (const main of this.effects.makes(index, request, { ...run, lo }, isFull)) {
          made.push({ lo: main, hi: main, isFull: run.isFull });
        }
      }
    }
    return { none: joined(none), made: joined(made) };
  }

  /** When a lease was granted, the store stood below all revisions that put keys with it, if nobody had its id before. */
  private beforeFirstPut(index: number, lease: bigint, places: Places): Places {
    const first = this.states.firstWithLease(lease);
    if (first === undefined || this.conditions.firstGrantOf(lease) !== index) return places;
    return places.filter(({ lo }) => lo < first).map((run) => ({ ...run, hi: Math.min(run.hi, first - 1) }));
  }

  private fullness(index: number, asBefore: boolean): readonly boolean[] {
    const alarm = this.conditions.spaceAlarm(index);
    if (alarm === 'unknown') return [false, true];
    return [alarm === 'asBefore' ? asBefore : alarm === 'on'];
  }

  /** Drops the ways that do not come down to the places where the log begins, and collects what is left. */
  private alignment(firstIndex: number, places: Places): Alignment {
    const makers = new Makers();
    let alive = places;
    for (let index = firstIndex; index <= this.options.lastIndex; index++) {
      if (index === this.conditions.firstAlarmIndex) alive = joined(alive.map((run) => ({ ...run, isFull: false })));
      const steps = this.several.get(index);
      if (steps === undefined) {
        if (this.single.at(index - this.firstIndex) !== 1) continue;
        const rev = highestOf(alive) + 1;
        makers.add(rev, index);
        alive = [{ lo: rev, hi: rev, isFull: false }];
        continue;
      }
      const made = steps.made.flatMap(({ lo, hi, isFull }) => {
        const mains = Array.from({ length: hi - lo + 1 }, (_, i) => lo + i).filter((main) =>
          holdsPlace(alive, main - 1, isFull),
        );
        return mains.map((main) => ({ lo: main, hi: main, isFull }));
      });
      for (const { lo } of made) makers.add(lo, index);
      alive = joined([...common(steps.none, alive), ...made]);
      assert(alive.length > 0, 'each place has come from one behind it');
    }
    const highestBefore = highestOf(places);
    return {
      contradiction: undefined,
      originsOf: (main) => (main <= highestBefore ? [] : makers.of(main).map((index) => this.originOf(index))),
    };
  }

  private originOf(index: number): RevisionOrigin {
    const { log } = this.options;
    const { term, dataPosition, dataLength } = log.entry(index)!;
    const { header, kind } = decodeRequest(log.read(dataPosition, dataLength));
    return { index, term, requestId: header.id, user: header.user, request: kind as RevisionRequest };
  }
}

/** The request in an entry; undefined if it has none. */
type ReadRequest = RaftRequest | 'unknown' | undefined;

/** Returns the request in an entry; `unknown` for one that cannot be read, or that no known release makes. */
function requestIn(type: number, data: Buffer): ReadRequest {
  if (type !== NORMAL || data.length === 0) return undefined;
  try {
    const request = decodeRequest(data);
    return request.kind === 'unknown' ? 'unknown' : request;
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'CORRUPT') return 'unknown';
    throw error;
  }
}

/** The entries that may have made each revision. */
class Makers {
  private readonly first = new NumberColumn(Float64Array);
  private readonly more = new Map<number, number[]>();

  add(main: number, index: number): void {
    const first = this.first.at(main);
    if (first === 0) this.first.set(main, index);
    else if (first !== index) this.more.set(main, [...(this.more.get(main) ?? []), index]);
  }

  of(main: number): readonly number[] {
    const first = this.first.at(main);
    return first === 0 ? [] : [first, ...(this.more.get(main) ?? [])];
  }
}
