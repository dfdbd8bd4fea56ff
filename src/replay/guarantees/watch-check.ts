// A watch check looks at what one watch delivers, response by response. It walks the events that should come
// (ExpectedEvents) alongside those that do, and remembers, beside where that walk stands, only what was passed over:
//
//   expected    2 a   3 b   4 a   5 c │ 6 a   7 b      │ where the walk stands
//   delivered   2 a   3 b         5 c │
//                           gap
//
// An event that comes again lies behind the walk and in no gap, so that nothing else has to be kept to notice it.

import { holdsKey } from '../../mvcc/key-range.js';
import { eventOf, type WatchEvent } from '../../mvcc/record.js';
import type { EventName } from '../run/event-name.js';
import type { ClassRange } from '../run/key-classes.js';
import type { DeliveredEvent, Delivery } from '../run/trace.js';
import type { CheckedWatcher } from './checked-watcher.js';
import { digestOf } from './event-digest.js';
import { ExpectedEvents, isBefore, type Position, START } from './expected-events.js';
import { Gaps } from './gaps.js';
import type { Prior } from './history-chunk.js';
import type { HistoryChunks } from './history-chunks.js';
import { Ledger } from './ledger.js';
import { wrongCreation, wrongPrevious } from './prior-checks.js';
import { describeEvent, firstDifference, type Guarantee, type Violations, type Wrong } from './violation.js';

/** The fields of a response that the checks look at. */
export type CheckedDelivery = Pick<Delivery, 'timeUs' | 'watcher' | 'stream' | 'via' | 'revision' | 'events'>;

export class WatchCheck {
  /** Whether compaction or the client has ended the watch. */
  ended = false;
  private cancelled = false;
  private readonly expected: ExpectedEvents;
  private gaps: Gaps;
  private started = false;
  /** The first revision that is expected. */
  private firstRev: number;
  private lastRev = 0;
  /** The revision of the last event in the last response with events. */
  private lastResponseRev = 0;
  private lastProgressRev = 0;
  private timeUs = 0;
  /** Where the store's window begins, while a response is checked. */
  private compactRev = 0;

  constructor(
    readonly watcher: CheckedWatcher,
    classes: ClassRange,
    private readonly chunks: HistoryChunks,
    private readonly violations: Violations,
    readonly ledger = new Ledger(),
    /** Whether events above the history are not judged, as it may have gone on. */
    private readonly mayGoOn = false,
  ) {
    this.firstRev = watcher.fromRev;
    this.gaps = gapBefore(this.firstRev);
    this.expected = new ExpectedEvents(chunks, classes, watcher, this.firstRev);
    this.expected.release();
  }

  add({ timeUs, via, revision, events }: CheckedDelivery, compactRev: number): void {
    this.timeUs = timeUs;
    this.compactRev = compactRev;
    this.checkFinal(via, revision);
    if (via === 'progress') this.checkProgress(revision);
    if (via === 'cancel') this.end();
    if (events.length === 0) return;
    this.checkAtomic(events);
    for (const event of events) this.checkEvent(event);
    this.expected.release();
  }

  private checkFinal(via: Delivery['via'], revision: number): void {
    if (this.cancelled) {
      const { timeUs } = this;
      const because = via === 'cancel' ? 'it was cancelled once more' : `${via} came behind it`;
      this.violations.add(this.watcher.name, 'final', () => ({ revision, key: undefined, timeUs, because }));
    }
    if (via === 'cancel') this.cancelled = true;
  }

  /** Ends the watch, as no more will come. Everything up to the last progress must have come by now. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    if (this.lastProgressRev === 0) return;
    this.reportRest(this.lastProgressRev, 'reliable', `though progress at ${this.lastProgressRev} has come`);
  }

  /** Checks that the watcher has seen everything up to `syncedRev`, at a time. */
  checkUndelivered(syncedRev: number, timeUs: number): void {
    this.timeUs = timeUs;
    this.reportRest(syncedRev, 'undelivered', `though the watcher is synced at ${syncedRev}`);
  }

  private checkEvent(event: DeliveredEvent): void {
    const { key, modRevision } = event.kv;
    const filtered = !this.checkFilter(event);
    this.checkOrdered(event);
    this.checkBookmarked(event);
    const { expected } = this;
    let prior: Prior;
    if (filtered || this.isUnknown(modRevision)) {
      prior = this.chunks.priorOf(key, modRevision);
      if (!filtered) this.started = true;
    } else if (expected.find() && expected.main === modRevision && expected.digest === digestOf(event.type, event.kv)) {
      prior = expected.prior(key);
      expected.take();
      this.started = true;
    } else {
      prior = this.chunks.priorOf(key, modRevision);
      this.checkUnexpected(event);
    }
    this.checkIsCreate(event, prior);
    if (this.watcher.prevKv) this.checkPrevious(event, prior);
  }

  /** Tells whether the history says nothing of a revision: compaction has taken it, or it may have come later. */
  private isUnknown(revision: number): boolean {
    const { compactRev, currentRev } = this.chunks.history;
    return revision < compactRev || (this.mayGoOn && revision > currentRev);
  }

  private leavesOut(deletes: boolean): boolean {
    return this.watcher.filters.includes(deletes ? 'nodelete' : 'noput');
  }

  private checkFilter(event: DeliveredEvent): boolean {
    const { watcher } = this;
    const inRange = holdsKey(watcher, event.kv.key);
    if (inRange && !this.leavesOut(event.type === 'DELETE')) return true;
    this.report('filter', event, () => ({
      because: inRange ? `the watch leaves out every ${event.type}` : 'the key is outside of the watched range',
      found: describeEvent(event),
    }));
    return false;
  }

  private checkOrdered(event: DeliveredEvent): void {
    const { lastRev } = this;
    const { modRevision } = event.kv;
    this.lastRev = modRevision;
    if (modRevision >= lastRev) return;
    this.report('ordered', event, () => ({
      because: `it came after an event of revision ${lastRev}`,
      expected: `${lastRev} or later`,
      found: String(modRevision),
    }));
  }

  private checkAtomic(events: readonly DeliveredEvent[]): void {
    const { lastResponseRev } = this;
    const first = events[0]!;
    this.lastResponseRev = events[events.length - 1]!.kv.modRevision;
    if (first.kv.modRevision !== lastResponseRev) return;
    this.report('atomic', first, () => ({
      because: 'the response before ended with an event of the same revision',
      expected: `a revision other than ${lastResponseRev}`,
      found: String(lastResponseRev),
    }));
  }

  private checkBookmarked(event: DeliveredEvent): void {
    const { lastProgressRev } = this;
    if (event.kv.modRevision > lastProgressRev) return;
    this.report('bookmarkable', event, () => ({
      because: `it came after progress at ${lastProgressRev}`,
      expected: `above ${lastProgressRev}`,
      found: String(event.kv.modRevision),
    }));
  }

  private checkProgress(revision: number): void {
    const { lastProgressRev, lastRev } = this;
    this.lastProgressRev = revision;
    if (revision >= lastProgressRev && revision >= lastRev) return;
    const [what, before] = revision < lastProgressRev ? ['progress', lastProgressRev] : ['an event', lastRev];
    this.violations.add(this.watcher.name, 'bookmarkable', () => ({
      revision,
      key: undefined,
      timeUs: this.timeUs,
      because: `this progress came after ${what} at ${before}`,
      expected: `${before} or later`,
      found: String(revision),
    }));
  }

  /**
   * Checks an event other than the next one: a late, repeated or altered one, or one ahead of some that have not come.
   */
  private checkUnexpected(event: DeliveredEvent): void {
    const { modRevision, key } = event.kv;
    const { expected } = this;
    const wanted = this.eventsAt(modRevision);
    const same = wanted.flatMap((candidate, nth) =>
      candidate.kv.key === key ? [{ position: { main: modRevision, nth }, event: candidate }] : [],
    );
    if (same.length === 0) {
      this.checkKnown(event);
      return;
    }
    const tooEarly = !this.started && modRevision < this.firstRev;
    if (tooEarly) {
      this.checkResumable(event, expected.position());
      this.startAt(modRevision);
    }
    const frontier = expected.position();
    const ahead = same.filter(({ position }) => !isBefore(position, frontier));
    const next = ahead.find((candidate) => firstDifference(candidate.event, event) === undefined) ?? ahead[0];
    if (next === undefined) {
      this.checkUnique(event, same);
      return;
    }
    if (isBefore(frontier, next.position)) {
      this.gaps.add(frontier, next.position);
      const missed = expected.skipTo(next.position);
      if (!tooEarly) this.checkGap(event, frontier, missed);
    }
    expected.take();
    this.started = true;
    this.checkSame(event, next.event);
  }

  private startAt(main: number): void {
    this.firstRev = main;
    this.gaps = gapBefore(main);
    this.expected.seek(main);
  }

  /** Yields what the watcher should get of some revisions, read from the history. */
  private *eventsIn(fromMain: number, toMain: number): Iterable<WatchEvent> {
    const { watcher } = this;
    for (const record of this.chunks.history.records(fromMain, toMain)) {
      if (holdsKey(watcher, record.key) && !this.leavesOut(record.tombstone)) yield eventOf(record);
    }
  }

  private eventsAt(main: number): WatchEvent[] {
    return [...this.eventsIn(main, main)];
  }

  /** Yields the names of the next so many events that the watcher should get from a position on. */
  private *namesFrom({ main, nth }: Position, count: number): Iterable<EventName> {
    let before = -nth;
    for (const event of this.eventsIn(main, this.chunks.history.currentRev)) {
      if (before >= count) return;
      if (before >= 0) yield nameOf(event);
      before++;
    }
  }

  /** Checks an event for which `missed` others were passed over, the first of them at `from`. */
  private checkGap(event: DeliveredEvent, from: Position, missed: number): void {
    this.ledger.lose(missed, this.namesFrom(from, missed));
    if (!this.started) {
      this.checkResumable(event, from);
      return;
    }
    const found = () => describeEvent(event);
    this.reportMissing(from, missed, 'reliable', () => ({ why: `${found()} came instead`, found: found() }));
  }

  private checkResumable(event: DeliveredEvent, first: Position): void {
    this.report('resumable', event, () => {
      const wanted = Number.isFinite(first.main) ? describeEvent(this.eventsAt(first.main)[first.nth]!) : 'no event';
      return {
        because: `the watch is from revision ${this.watcher.fromRev} on, where the first event is ${wanted}`,
        expected: wanted,
        found: describeEvent(event),
      };
    });
  }

  private checkSame(event: DeliveredEvent, wanted: WatchEvent): void {
    const difference = firstDifference(wanted, event);
    if (difference === undefined) return;
    const { field, expected, found } = difference;
    this.report('reliable', event, () => ({
      because: `its ${field} is ${found}, in the history it is ${expected}`,
      expected: describeEvent(wanted),
      found: describeEvent(event),
    }));
  }

  /** Checks an event that the history does not have. At the compact revision, compaction may have taken its record. */
  private checkKnown(event: DeliveredEvent): void {
    if (event.kv.modRevision === this.chunks.history.compactRev) return;
    this.report('reliable', event, () => ({
      because: 'the history has no such event',
      expected: 'no event',
      found: describeEvent(event),
    }));
  }

  /** Checks an event that the walk has passed: it is late if it lies in a gap, else a repetition. */
  private checkUnique(event: DeliveredEvent, same: readonly { position: Position; event: WatchEvent }[]): void {
    const late = same.find(({ position }) => this.gaps.fill(position));
    if (late !== undefined) {
      this.ledger.find(nameOf(late.event));
      this.checkSame(event, late.event);
      return;
    }
    this.ledger.repeat(nameOf(event));
    this.report('unique', event, () => ({
      because: 'it has come before',
      found: describeEvent(event),
    }));
  }

  private checkIsCreate(event: DeliveredEvent, prior: Prior): void {
    const find = wrongCreation(event, prior, this.chunks);
    if (find !== undefined) this.report('is-create', event, find);
  }

  private checkPrevious(event: DeliveredEvent, prior: Prior): void {
    const find = wrongPrevious(event, prior, this.chunks, this.compactRev);
    if (find !== undefined) this.report('previous-value', event, find);
  }

  private report(guarantee: Guarantee, { kv }: DeliveredEvent, find: () => Wrong): void {
    const { modRevision: revision, key } = kv;
    this.violations.add(this.watcher.name, guarantee, () => ({ revision, key, timeUs: this.timeUs, ...find() }));
  }

  /** Passes all that is left up to a revision, and reports it as missing. */
  private reportRest(upTo: number, guarantee: Guarantee, why: string): void {
    const from = this.expected.position();
    const missed = this.expected.skipTo({ main: upTo + 1, nth: 0 });
    if (missed > 0) {
      this.ledger.lose(missed, this.namesFrom(from, missed));
      this.reportMissing(from, missed, guarantee, () => ({ why, found: 'no event' }));
    }
    this.expected.release();
  }

  private reportMissing(
    from: Position,
    missed: number,
    guarantee: Guarantee,
    tell: () => { why: string; found: string },
  ): void {
    this.violations.add(this.watcher.name, guarantee, () => {
      const first = this.eventsAt(from.main)[from.nth]!;
      const { why, found } = tell();
      return {
        revision: from.main,
        key: first.kv.key,
        timeUs: this.timeUs,
        because: `${missed === 1 ? 'it has' : `it and ${missed === 2 ? 'another' : `${missed - 1} others`} have`} not come, ${why}`,
        expected: describeEvent(first),
        found,
      };
    });
  }
}

function nameOf({ kv }: WatchEvent): EventName {
  return { key: kv.key, revision: kv.modRevision };
}

/** Returns a gap before the first revision. An event of it that comes all the same does so for the first time. */
function gapBefore(main: number): Gaps {
  const gaps = new Gaps();
  gaps.add(START, { main, nth: 0 });
  return gaps;
}
