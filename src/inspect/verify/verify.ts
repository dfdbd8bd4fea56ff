// Holds a recorded stream against the guarantees of a watch, with a store as the truth. The checker of replays judges;
// this file tells it which watches there are, and from where on each is to see events. A client without names for its
// watches begins a new one where it was told that one is there, and where the last one was cancelled:
//
//   responses   created   2 3 4   5   cancelled at 9   created   11 12
//   watches              ╰── the first one ─────────╯            ╰── the second one
//                                     gap: 6 to 8   gap: 9 to 10
//
// What the store does not have is not judged: revisions that compaction has taken, those above its newest one, and all
// behind a restore from a backup, which gives revisions anew. What comes behind the last response is not missed, as a
// recording can stop at any time.

import { MvccwError } from '../../errors.js';
import type { History } from '../../mvcc/history.js';
import type { GuaranteeChecker, Violation } from '../../replay/guarantees/guarantees.js';
import { ALL_ON_STREAM } from '../../requests/watch-spec.js';
import type { DeliveredEvent } from '../../watch/prev-kv.js';
import type { Via } from '../../watch/watcher.js';
import { Checkers } from './checkers.js';
import { EventCompleter } from './complete-event.js';
import { type Gap, missedBetween } from './missed-events.js';
import type { KnownRequest, Place, RecordedItem, RecordedResponse } from './recorded.js';
import { type Assumption, type VerifiedWatch, WatchTally } from './verified-watch.js';

/** Something that is wrong with a stream: a broken guarantee, or events for which no watch was there. */
export type VerifyFinding =
  | { readonly kind: 'violation'; readonly place: Place; readonly violation: Violation }
  | { readonly kind: 'gap'; readonly place: Place; readonly watch: string; readonly gap: Gap };

export interface VerifyOptions {
  /** What the user says of the watches that the stream does not describe. Its start is that of the first watch. */
  readonly request: KnownRequest;
  /** Returns what is certain of a watch of which nobody has said the range. */
  readonly guess: (watch: string) => KnownRequest | undefined;
  /** The revision below which the records before may have been gone when the stream was recorded. */
  readonly compactedRev: number;
}

/** The watches of one name, one after the other. */
interface Identity {
  readonly request: KnownRequest;
  readonly stream: string;
  readonly assumed: readonly Assumption[];
  current: OpenWatch | undefined;
  /** The number of its watches so far. */
  count: number;
  /** The revision up to which the last watch has come; undefined before the first one has. */
  seenRev: number | undefined;
}

interface OpenWatch {
  readonly name: string;
  place: Place;
  readonly tally: WatchTally;
  startRev: number | undefined;
  createdRev: number | undefined;
  /** Both are there once it is known from which revision on the watch sees events. */
  fromRev: number | undefined;
  checker: GuaranteeChecker | undefined;
  prevKv: boolean;
  cancelled: boolean;
}

/** The stream of watches that have no names. */
const NO_NAME = '';

const VIA: Readonly<Record<'events' | 'progress' | 'cancel', Via>> = {
  events: 'sync',
  progress: 'progress',
  cancel: 'cancel',
};

export class Verifier {
  private readonly identities = new Map<string, Identity>();
  private readonly checkers: Checkers;
  private readonly completer: EventCompleter;
  private findings: VerifyFinding[] = [];
  private ended: VerifiedWatch[] = [];
  private watches = 0;
  private place: Place = { line: 1 };
  private isRestored = false;
  /** The numbers of responses and events behind a restore from a backup, of which the store does not tell. */
  readonly behindRestore = { responses: 0, events: 0 };

  constructor(
    private readonly history: History,
    private readonly options: VerifyOptions,
  ) {
    this.completer = new EventCompleter(history);
    this.checkers = new Checkers(history);
  }

  /** The number of values that were hidden when the stream was recorded. */
  get hiddenValues(): number {
    return this.completer.hiddenValues;
  }

  /** Takes an item of the stream. Throws USAGE when nothing says what was watched. */
  add(item: RecordedItem): void {
    if (this.isRestored) {
      this.pass(item);
    } else if (item.kind === 'restored') {
      this.finish();
      this.isRestored = true;
    } else if (item.kind === 'watch') {
      this.refuseOptions();
      this.describe(item.watch, item.stream, item.request, []);
    } else if (item.kind === 'start') {
      const identity = this.identities.get(item.watch);
      if (identity !== undefined) this.currentOf(item.watch, identity).startRev ??= item.fromRev;
    } else if (item.kind === 'restart') {
      this.restart(item.watch, item.fromRev);
    } else if (item.kind === 'end') {
      this.end(this.identities.get(item.watch));
      if (!item.mayListAgain) this.identities.delete(item.watch);
    } else {
      this.place = item.place;
      this.addResponse(item.watch, item.stream, item.response);
    }
  }

  /** Counts what is not judged. */
  private pass(item: RecordedItem): void {
    if (item.kind !== 'response') return;
    this.behindRestore.responses++;
    this.behindRestore.events += item.response.events.length;
  }

  /** Ends all watches. */
  finish(): void {
    for (const identity of this.identities.values()) this.end(identity);
  }

  /** Returns what was found since it was last called. */
  takeFindings(): readonly VerifyFinding[] {
    const { findings } = this;
    if (findings.length > 0) this.findings = [];
    return findings;
  }

  /** Returns the watches that have ended since it was last called. */
  takeWatches(): readonly VerifiedWatch[] {
    const { ended } = this;
    if (ended.length > 0) this.ended = [];
    return ended;
  }

  private describe(watch: string, stream: string, request: KnownRequest, assumed: readonly Assumption[]): Identity {
    if (request.range !== undefined) this.checkers.announce(request.range);
    const identity = { request, stream, assumed, current: undefined, count: 0, seenRev: undefined };
    this.identities.set(watch, identity);
    return identity;
  }

  /** Throws USAGE if the user describes the watches of a stream that does so itself. */
  private refuseOptions(): void {
    if (Object.values(this.options.request).every((value) => value === undefined)) return;
    throw new MvccwError('USAGE', 'the stream itself says what was watched', {
      hint: 'leave KEY and its options out',
    });
  }

  /** Returns a watch that the stream does not describe: as the user describes it, or as its events do. */
  private undescribed(watch: string, stream: string): Identity {
    const { request } = this.options;
    if (request.range !== undefined) return this.describe(watch, stream, request, []);
    const guess = this.options.guess(watch) ?? {};
    const assumed: Assumption[] = guess.filters?.length === 0 ? ['range'] : ['range', 'filters'];
    const { startRev, filters = guess.filters, prevKv } = request;
    return this.describe(watch, stream, { range: guess.range, startRev, filters, prevKv }, assumed);
  }

  private restart(watch: string, fromRev: number): void {
    const identity = this.identities.get(watch);
    if (identity === undefined) return;
    this.end(identity);
    this.currentOf(watch, identity).startRev = fromRev;
  }

  private addResponse(watch: string, stream: string, response: RecordedResponse): void {
    if (watch === ALL_ON_STREAM) {
      // Of a watch that is not described it is not known whether its client still wants it.
      for (const [name, identity] of this.identities) {
        const { current, assumed } = identity;
        const isThere = current !== undefined && !current.cancelled && assumed.length === 0;
        if (isThere && identity.stream === stream) this.deliver(name, identity, response);
      }
      return;
    }
    this.deliver(watch, this.identities.get(watch) ?? this.undescribed(watch, stream), response);
  }

  private deliver(watch: string, identity: Identity, response: RecordedResponse): void {
    const { via, revision, compactRevision } = response;
    const isNamed = identity.stream !== NO_NAME;
    if (via === 'created' || via === 'lost') this.end(identity);
    if (via === 'lost') return;
    const open = this.currentOf(watch, identity);
    if (via === 'created') {
      open.createdRev = revision;
      return;
    }
    this.check(open, identity, response);
    if (via === 'cancel' && !isNamed) {
      if (compactRevision > 0) this.noteGap(open.name, open.tally, identity, compactRevision);
      this.end(identity);
    }
  }

  private currentOf(watch: string, identity: Identity): OpenWatch {
    if (identity.current !== undefined) return identity.current;
    const { request, stream, count } = identity;
    const isNamed = stream !== NO_NAME;
    identity.current = {
      name: isNamed ? watch : String(++this.watches),
      place: this.place,
      tally: new WatchTally(),
      startRev: count === 0 ? request.startRev : undefined,
      createdRev: undefined,
      fromRev: undefined,
      checker: undefined,
      prevKv: request.prevKv ?? false,
      cancelled: false,
    };
    identity.count++;
    return identity.current;
  }

  private check(open: OpenWatch, identity: Identity, response: RecordedResponse): void {
    const { revision, events: told, windowRev } = response;
    const via = VIA[response.via as keyof typeof VIA];
    const events = told.map((event) => this.completer.complete(event));
    if (open.tally.responses === 0) open.place = this.place;
    open.tally.add(events, (event) => this.isKnown(event));
    if (identity.request.prevKv === undefined) open.prevKv ||= events.some(({ prevKv }) => prevKv !== undefined);
    const last = events.at(-1)?.kv.modRevision ?? (via === 'progress' ? revision : 0);
    const first = events[0]?.kv.modRevision ?? (via === 'progress' ? revision + 1 : undefined);
    open.tally.need(events[0]?.kv.modRevision ?? Number.POSITIVE_INFINITY, last, this.history);
    if (via === 'cancel') open.cancelled = true;
    const checker = open.checker ?? this.start(open, identity, first);
    if (checker === undefined) return;
    const { name: watcher } = open;
    const delivery = { timeUs: 0, watcher, stream: watcher, via, revision, events } as const;
    checker.add(delivery, Math.max(windowRev ?? 0, this.options.compactedRev));
    identity.seenRev = Math.max(identity.seenRev!, last);
    this.takeViolations(checker);
  }

  /** Tells whether the store knows of an event. At its compact revision, compaction may have taken the record. */
  private isKnown({ kv: { key, modRevision } }: DeliveredEvent): boolean {
    const { compactRev, currentRev } = this.history;
    if (modRevision !== compactRev) return modRevision > compactRev && modRevision <= currentRev;
    for (const record of this.history.records(compactRev, compactRev)) if (record.key === key) return true;
    return false;
  }

  /**
   * Starts to check a watch, once something tells where it begins: its request, the revision at which it was created, or
   * its first response. The revision of the created answer can be that of a write which came in between.
   */
  private start(open: OpenWatch, identity: Identity, firstSeen: number | undefined): GuaranteeChecker | undefined {
    const { request } = identity;
    const { startRev, createdRev = Number.POSITIVE_INFINITY } = open;
    const fromRev = startRev ?? (firstSeen === undefined ? undefined : Math.min(createdRev + 1, firstSeen));
    if (fromRev === undefined || request.range === undefined) {
      if (request.range === undefined && firstSeen !== undefined) this.requireRange(open, firstSeen);
      return undefined;
    }
    open.fromRev = fromRev;
    open.tally.need(fromRev, 0, this.history);
    this.noteGap(open.name, open.tally, identity, fromRev);
    identity.seenRev = Math.max(identity.seenRev ?? 0, fromRev - 1);
    const checker = this.checkers.for(request.range);
    checker.start({
      name: open.name,
      stream: open.name,
      ...request.range,
      filters: request.filters ?? [],
      // A watch of which this is not known asks for it if one of its events has it.
      get prevKv() {
        return open.prevKv;
      },
      fromRev,
    });
    open.checker = checker;
    return checker;
  }

  /** A progress response of a watch without any events says nothing that could be judged without its range. */
  private requireRange({ tally }: OpenWatch, firstSeen: number): void {
    if (tally.events === 0) return;
    throw new MvccwError('USAGE', `the stream does not say what was watched, up to revision ${firstSeen}`, {
      hint: 'give KEY, or KEY with --prefix, as the watch was given it',
    });
  }

  /** Notes the events between what the last watch saw and where the next one begins. */
  private noteGap(watch: string, tally: WatchTally, identity: Identity, nextRev: number): void {
    const { request, seenRev, stream } = identity;
    if (seenRev === undefined || request.range === undefined || stream !== NO_NAME) return;
    const fromRev = seenRev + 1;
    if (fromRev >= nextRev) return;
    identity.seenRev = nextRev - 1;
    tally.need(fromRev, 0, this.history);
    const range = { ...request.range, filters: request.filters ?? [] };
    const gap = missedBetween(this.history, range, fromRev, nextRev - 1);
    if (gap.missed.count > 0) this.findings.push({ kind: 'gap', place: this.place, watch, gap });
  }

  private takeViolations(checker: GuaranteeChecker): void {
    for (const violation of checker.take()) this.findings.push({ kind: 'violation', place: this.place, violation });
  }

  private end(identity: Identity | undefined): void {
    const open = identity?.current;
    if (identity === undefined || open === undefined) return;
    identity.current = undefined;
    const { name: watch, place, tally, checker, fromRev, startRev } = open;
    const ledger = checker?.forget(watch);
    if (checker !== undefined) this.takeViolations(checker);
    if (tally.responses === 0) return;
    const assumed: Assumption[] = [...identity.assumed, ...(startRev === undefined ? (['start'] as const) : [])];
    this.ended.push(tally.result({ watch, place, range: identity.request.range, fromRev, assumed }, ledger));
  }
}
