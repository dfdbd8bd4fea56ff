// The life of one event for one watcher, told from a replay's trace: committed when, the watcher in which group since
// when and why, read in which pass, in which batch, delivered when; or why it never was.

import { MvccwError } from '../errors.js';
import { holdsKey, type NamedRange } from '../mvcc/key-range.js';
import type { StoredRecord } from '../mvcc/record.js';
import { FILTER_OF } from '../watch/event-filter.js';
import { streamOf, type WatchSpec } from '../watch/watch-spec.js';
import type { OpenedReplay } from './checked-replay.js';
import { handledEvents } from './connection.js';
import type { BEHAVIOURS } from './etcd-release.js';
import type { EventName } from './event-name.js';
import { replay } from './replay.js';
import { allWatchers, CAREFUL_CLIENT, type ReplayOptions } from './replay-options.js';
import type { ClientEntry, Delivery, EndEntry, GroupEntry, PassEntry, TraceEntry } from './trace.js';

/** What an explanation says, one part a sentence; the words are the printer's. */
export type Explanation =
  | { readonly says: 'noSuchEvent' }
  | { readonly says: 'committed'; readonly timeUs: number | undefined; readonly type: 'PUT' | 'DELETE' }
  | { readonly says: 'outOfRange'; readonly range: NamedRange }
  | { readonly says: 'filtered'; readonly type: 'PUT' | 'DELETE' }
  | { readonly says: 'beforeStart'; readonly startRev: number }
  | { readonly says: 'neverStarted' }
  /** `before` the event was committed. */
  | { readonly says: 'group'; readonly entry: GroupEntry; readonly before: boolean }
  | { readonly says: 'client'; readonly entry: ClientEntry }
  | { readonly says: 'read'; readonly entry: PassEntry }
  | {
      readonly says: 'delivered';
      readonly entry: Delivery;
      /** Which of the watcher's batches it was in, and its place there, from 1. */
      readonly batch: number;
      readonly place: number;
      readonly delayUs: number;
    }
  | { readonly says: 'deliveredAgain'; readonly entry: Delivery }
  /** The client stopped within the response, before this event. */
  | { readonly says: 'notHandled'; readonly handled: number; readonly of: number; readonly brokenUs: number }
  /** The client resumed behind it. */
  | { readonly says: 'skipped'; readonly entry: ClientEntry }
  | { readonly says: 'cancelled'; readonly entry: Delivery }
  /** A behaviour of the release took it. */
  | { readonly says: 'lostTo'; readonly behaviour: keyof typeof BEHAVIOURS }
  | { readonly says: 'notTaken'; readonly stream: string; readonly queued: number }
  | { readonly says: 'notYet'; readonly group: GroupEntry };

const isLoss = ({ because }: GroupEntry): boolean => because === 'lostToCompaction';

/** Listens to a replay on behalf of one watcher. */
class EventExplainer {
  private committedUs: number | undefined;
  private started: GroupEntry | undefined;
  /** The last change before the event was committed, and all behind it until it is delivered. */
  private groups: GroupEntry[] = [];
  private readonly clients: ClientEntry[] = [];
  private readonly deliveries: { entry: Delivery; batch: number; place: number; brokenUs?: number }[] = [];
  private batches = 0;
  private newest: Delivery | undefined;
  private cancel: Delivery | undefined;
  private readPass: PassEntry | undefined;
  private lastPass: PassEntry | undefined;
  private end: EndEntry | undefined;
  private baseRev: number | undefined;

  constructor(
    private readonly event: EventName,
    private readonly spec: WatchSpec,
    private readonly options: Pick<ReplayOptions, 'release' | 'streams'>,
  ) {}

  add(entry: TraceEntry): void {
    if (entry.kind === 'end') this.end = entry;
    else if (entry.kind === 'commit' && entry.revision === this.event.revision) this.committedUs = entry.timeUs;
    else if (entry.kind === 'pass' && entry.chosen.includes(this.spec.name)) this.lastPass = entry;
    else if (entry.kind === 'group' && entry.watcher === this.spec.name) this.addGroup(entry);
    else if (entry.kind === 'client' && entry.watcher === this.spec.name) this.addClient(entry);
    else if (entry.kind === 'response') this.addResponse(entry);
  }

  private get known(): boolean {
    return this.committedUs !== undefined || (this.baseRev ?? 0) >= this.event.revision;
  }

  private addGroup(entry: GroupEntry): void {
    if (entry.from === undefined) this.started ??= entry;
    this.baseRev ??= entry.currentRev;
    if (this.deliveries.length > 0) return;
    if (!this.known) this.groups = [];
    this.groups.push(entry);
  }

  private addClient(entry: ClientEntry): void {
    this.clients.push(entry);
    const last = this.deliveries[this.deliveries.length - 1];
    if (entry.what === 'disconnected' && last !== undefined && last.entry === this.newest) last.brokenUs = entry.timeUs;
  }

  /** Progress of its whole stream is a response to it, too. */
  private addResponse(entry: Delivery): void {
    const isProgress = entry.via === 'progress' && entry.stream === streamOf(this.spec);
    if (entry.watcher !== this.spec.name && !isProgress) return;
    this.newest = entry;
    if (entry.via === 'cancel') this.cancel ??= entry;
    if (entry.events.length > 0) this.batches++;
    const place = entry.events.findIndex(
      ({ kv }) => kv.key === this.event.key && kv.modRevision === this.event.revision,
    );
    if (place === -1) return;
    if (entry.via === 'sync') this.readPass = this.lastPass;
    this.deliveries.push({ entry, batch: this.batches, place: place + 1 });
  }

  /** `record` is the event's, if the history has it. */
  explain(record: StoredRecord | undefined): readonly Explanation[] {
    const { spec } = this;
    if (record === undefined) return [{ says: 'noSuchEvent' }];
    const type = record.tombstone ? 'DELETE' : 'PUT';
    const committed: Explanation = { says: 'committed', timeUs: this.committedUs, type };
    if (!holdsKey(spec, this.event.key)) return [committed, { says: 'outOfRange', range: spec }];
    if (spec.filters.includes(FILTER_OF[type])) return [committed, { says: 'filtered', type }];
    if (this.started === undefined) return [committed, { says: 'neverStarted' }];
    const first = this.deliveries[0];
    if (first === undefined && this.started.minRev > this.event.revision) {
      return [committed, { says: 'beforeStart', startRev: this.started.minRev }];
    }
    const life = [committed, ...this.lifeUntil(first?.entry.sentUs)];
    if (first !== undefined) return [...life, ...this.howDelivered(first)];
    const why = this.whyNever(record);
    return why === undefined ? life : [...life, why];
  }

  /** The changes of its group and of its client's connection, in order of time; a lost connection before what it ends. */
  private lifeUntil(sentUs = Number.POSITIVE_INFINITY): Explanation[] {
    const { committedUs = 0 } = this;
    const groups = this.groupsUntil(sentUs).map(
      (entry) => ({ says: 'group', entry, before: entry.timeUs < committedUs }) as const,
    );
    const clients = this.clients
      .filter(({ timeUs }) => timeUs <= sentUs)
      .map((entry) => ({ says: 'client', entry }) as const);
    return [...clients, ...groups].sort((a, b) => a.entry.timeUs - b.entry.timeUs);
  }

  /** The changes until the event was sent, or was lost; one that only repeats the one before it says nothing new. */
  private groupsUntil(sentUs: number): GroupEntry[] {
    const lost = sentUs === Number.POSITIVE_INFINITY ? this.groups.findIndex(isLoss) : -1;
    const until = lost === -1 ? this.groups.filter(({ timeUs }) => timeUs <= sentUs) : this.groups.slice(0, lost + 1);
    return until.filter(({ because, to }, i) => until[i - 1]?.because !== because || until[i - 1]?.to !== to);
  }

  private howDelivered({ entry, batch, place }: { entry: Delivery; batch: number; place: number }): Explanation[] {
    const again = this.deliveries.slice(1).map((more): Explanation => ({ says: 'deliveredAgain', entry: more.entry }));
    return [
      ...(this.readPass === undefined ? [] : [{ says: 'read', entry: this.readPass } as const]),
      { says: 'delivered', entry, batch, place, delayUs: entry.timeUs - (this.committedUs ?? 0) },
      ...this.howHandled(),
      ...again,
    ];
  }

  /** A careless client may stop within what it was given last. */
  private howHandled(): Explanation[] {
    const { resumeFrom } = this.options.streams.get(streamOf(this.spec))?.client ?? CAREFUL_CLIENT;
    if (resumeFrom !== 'midTransaction') return [];
    return this.deliveries.flatMap(({ entry, place, brokenUs }): Explanation[] => {
      const { events } = entry;
      const handled = handledEvents(events).length;
      return brokenUs === undefined || place <= handled
        ? []
        : [{ says: 'notHandled', handled, of: events.length, brokenUs }];
    });
  }

  private whyNever({ tombstone }: StoredRecord): Explanation | undefined {
    if (this.groups.some(isLoss)) return { says: 'lostTo', behaviour: 'compactedChannelFull' };
    if (this.cancel !== undefined) return { says: 'cancelled', entry: this.cancel };
    const { behaviours } = this.options.release;
    const skipped = this.clients.find(({ startRev = 0 }) => startRev > this.event.revision);
    if (skipped !== undefined) {
      // It was committed after that: the client had seen another revision of this number before.
      const wentBack = behaviours.has('scheduledCompactRev') && (this.committedUs ?? 0) > skipped.timeUs;
      return wentBack ? { says: 'lostTo', behaviour: 'scheduledCompactRev' } : { says: 'skipped', entry: skipped };
    }
    if (tombstone && this.end?.compactRev === this.event.revision) {
      for (const behaviour of ['tombstoneAtCompactRev', 'restoreTombstone'] as const) {
        if (behaviours.has(behaviour)) return { says: 'lostTo', behaviour };
      }
    }
    const waiting = this.end?.streams.find(({ stream }) => stream === streamOf(this.spec));
    if (waiting !== undefined && waiting.queued > 0) return { says: 'notTaken', ...waiting };
    const last = this.groups[this.groups.length - 1];
    return last === undefined ? undefined : { says: 'notYet', group: last };
  }
}

/** The record that an event is of; undefined when the history has none. */
function findRecord(
  history: { records(fromMain: number, toMain: number): Iterable<StoredRecord> },
  { key, revision }: EventName,
): StoredRecord | undefined {
  let found: StoredRecord | undefined;
  for (const record of history.records(revision, revision)) if (record.key === key) found = record;
  return found;
}

export interface ExplainedEvent {
  readonly watcher: string;
  readonly parts: readonly Explanation[];
}

/** Replays, and explains an event for the watcher of that name, or for all. Throws WATCHER_NOT_FOUND. */
export function explainEvent(
  { store, history }: OpenedReplay,
  options: ReplayOptions,
  event: EventName,
  watcher?: string,
): readonly ExplainedEvent[] {
  const specs = allWatchers(options).filter(({ name }) => watcher === undefined || name === watcher);
  if (specs.length === 0) {
    throw new MvccwError('WATCHER_NOT_FOUND', `the replay has no watcher named ${JSON.stringify(watcher)}`);
  }
  // A history that the replay writes is whole only at its end, but then it may have gone back: look before and after.
  const before = findRecord(history, event);
  const explainers = specs.map((spec) => new EventExplainer(event, spec, options));
  for (const entry of replay(store, options)) for (const explainer of explainers) explainer.add(entry);
  const record = before ?? findRecord(history, event);
  return explainers.map((explainer, i) => ({ watcher: specs[i]!.name, parts: explainer.explain(record) }));
}
