// Explains the life of one event for one watcher from a replay's trace: when it was committed, which group the watcher
// was in and why, which pass read the event, in which batch and when it was delivered; or why it never was.

import { quoteText } from '../../bytes/key-text.js';
import { MvccwError } from '../../errors.js';
import { holdsKey, type KeyRange } from '../../mvcc/key-range.js';
import { streamOf, type WatchSpec } from '../../requests/watch-spec.js';
import { FILTER_OF } from '../../watch/event-filter.js';
import type { MissingPrevKv } from '../../watch/prev-kv.js';
import type { BEHAVIOURS } from '../releases/etcd-release.js';
import { handledEvents } from '../run/client-watcher.js';
import type { EventName } from '../run/event-name.js';
import { replay } from '../run/replay.js';
import { allWatchers, type ReplayOptions, streamPlan } from '../run/replay-options.js';
import type { OpenedReplay } from '../run/replay-store.js';
import type { ClientEntry, Delivery, GroupEntry, PassEntry } from '../run/trace.js';
import { type EventLife, type LifeChange, type LifeDelivery, LifeListener, type Undoing } from './event-life.js';

/** A part of an explanation: one sentence, which the printer puts into words. */
export type Explanation =
  /** `endRev` is the last revision of the history that is replayed. */
  | { readonly says: 'noSuchEvent'; readonly endRev: number }
  /** The replay was stopped before the revision of the event. */
  | { readonly says: 'notCommitted'; readonly timeUs: number; readonly currentRev: number }
  | { readonly says: 'committed'; readonly timeUs: number | undefined; readonly type: 'PUT' | 'DELETE' }
  | { readonly says: 'outOfRange'; readonly range: KeyRange }
  | { readonly says: 'filtered'; readonly type: 'PUT' | 'DELETE' }
  | { readonly says: 'beforeStart'; readonly startRev: number }
  | { readonly says: 'neverStarted' }
  /** The server refused the watcher, because its start revision is below 0. */
  | { readonly says: 'refused'; readonly timeUs: number }
  /** `before` says that it happened before the event was committed. */
  | { readonly says: 'group'; readonly entry: GroupEntry; readonly before: boolean }
  | { readonly says: 'client'; readonly entry: ClientEntry; readonly before: boolean }
  | { readonly says: 'read'; readonly entry: PassEntry }
  | {
      readonly says: 'delivered';
      readonly entry: Delivery;
      /** The number of the batch among the watcher's batches, and the place of the event in it; both count from 1. */
      readonly batch: number;
      readonly place: number;
      readonly delayUs: number;
    }
  /** The watcher asked for the record before, and compaction had removed that record when the event was delivered. */
  | ({ readonly says: 'withoutPrevKv' } & MissingPrevKv)
  | { readonly says: 'deliveredAgain'; readonly entry: Delivery }
  /** The client stopped within the response, before this event; `lost` says that the client resumes after it. */
  | {
      readonly says: 'notHandled';
      readonly handled: number;
      readonly of: number;
      readonly brokenUs: number;
      readonly lost: boolean;
    }
  /** A restart or a restore from a backup has set the store back to a revision before the event. */
  | ({ readonly says: 'undone' } & Undoing)
  /** The client resumed after the event; `restored` says that it had come so far before a restore from a backup. */
  | { readonly says: 'skipped'; readonly entry: ClientEntry; readonly restored: boolean }
  /** The client listed after the event, and saw what the list shows of it. */
  | { readonly says: 'seenAsState'; readonly entry: ClientEntry }
  /** A restore from a backup has taken the event back before it was delivered. */
  | { readonly says: 'goneBefore'; readonly timeUs: number }
  | { readonly says: 'cancelled'; readonly timeUs: number; readonly compactRev: number }
  /** The client has cancelled the watcher. */
  | { readonly says: 'left'; readonly timeUs: number }
  /** A behaviour of the release has lost the event. */
  | { readonly says: 'lostTo'; readonly behaviour: keyof typeof BEHAVIOURS }
  /** Compaction has overtaken the watcher, which is not cancelled yet. */
  | { readonly says: 'overtaken'; readonly minRev: number; readonly compactRev: number }
  | { readonly says: 'notTaken'; readonly stream: string; readonly queued: number }
  | { readonly says: 'notYet'; readonly group: GroupEntry };

type Circumstances = Pick<ReplayOptions, 'release' | 'streams'>;

/** Tells all lives of an event, one after the other. */
function explainLives(heard: LifeListener, event: EventName, options: Circumstances): readonly Explanation[] {
  return heard.lives.flatMap((life) => [
    { says: 'committed', timeUs: life.committedUs, type: life.type } as const,
    ...(whyUnwanted(heard, life, event) ?? story(heard, life, event, options)),
  ]);
}

function whyUnwanted(
  { spec, started, refused }: LifeListener,
  life: EventLife,
  event: EventName,
): Explanation[] | undefined {
  if (!holdsKey(spec, event.key)) return [{ says: 'outOfRange', range: spec }];
  const { type } = life;
  if (spec.filters.includes(FILTER_OF[type])) return [{ says: 'filtered', type }];
  if (refused !== undefined) return [{ says: 'refused', timeUs: refused.timeUs }];
  if (started === undefined) return [{ says: 'neverStarted' }];
  const isEarlier = life.deliveries.length === 0 && started.minRev > event.revision;
  return isEarlier ? [{ says: 'beforeStart', startRev: started.minRev }] : undefined;
}

const LOST: Explanation = { says: 'lostTo', behaviour: 'compactedChannelFull' };

function story(heard: LifeListener, life: EventLife, event: EventName, options: Circumstances): Explanation[] {
  const { deliveries, undone } = life;
  const [first, ...again] = deliveries;
  const end: Explanation[] = undone === undefined ? [] : [{ says: 'undone', ...undone }];
  if (first === undefined) {
    const lost = lossIn(life, event.revision);
    const why = lost === -1 ? whyNever(heard, life, event, options) : LOST;
    const changes = tellChanges(life, (_, i) => lost === -1 || i <= lost);
    return [...changes, ...end, ...(why === undefined ? [] : [why])];
  }
  const { entry, batch, place } = first;
  return [
    ...tellChanges(life, ({ timeUs }) => timeUs <= entry.sentUs),
    ...(life.readPass === undefined ? [] : [{ says: 'read', entry: life.readPass } as const]),
    { says: 'delivered', entry, batch, place, delayUs: entry.timeUs - (life.committedUs ?? 0) },
    ...missingBefore(first),
    ...howHandled(first, heard.spec, options),
    ...again.flatMap((more): Explanation[] => [
      { says: 'deliveredAgain', entry: more.entry },
      ...missingBefore(more),
      ...howHandled(more, heard.spec, options),
    ]),
    ...end,
  ];
}

/**
 * Returns the place of the change with which an older release has lost the event; -1 when no change has, or when the
 * client came back before the event.
 */
function lossIn({ changes }: EventLife, revision: number): number {
  const groups = changes.map((change) => (change.kind === 'group' ? change : undefined));
  const back = groups.findLastIndex((group) => group !== undefined && startsBefore(group, revision));
  return groups.findIndex((group, i) => i > back && group?.because === 'lostToCompaction');
}

const startsBefore = ({ from, minRev }: GroupEntry, revision: number): boolean =>
  from === undefined && minRev <= revision;

/** Tells the changes that `shown` picks, without those that only repeat the one before. */
function tellChanges({ changes, committedUs = 0 }: EventLife, shown: (change: LifeChange, i: number) => boolean) {
  const until = changes.filter(shown);
  return until
    .filter((change, i) => !repeats(change, until[i - 1]))
    .map((entry): Explanation => {
      const before = entry.timeUs < committedUs;
      return entry.kind === 'group' ? { says: 'group', entry, before } : { says: 'client', entry, before };
    });
}

function repeats(change: LifeChange, previous: LifeChange | undefined): boolean {
  if (change.kind !== 'group' || previous?.kind !== 'group') return false;
  return change.because === previous.because && change.to === previous.to;
}

function missingBefore({ entry, place }: LifeDelivery): Explanation[] {
  const { missingPrevKv } = entry.events[place - 1]!;
  return missingPrevKv === undefined ? [] : [{ says: 'withoutPrevKv', ...missingPrevKv }];
}

/** Tells what a careless client has handled of a response within which it stopped. */
function howHandled({ entry, place, brokenUs }: LifeDelivery, spec: WatchSpec, options: Circumstances): Explanation[] {
  const { resumeFrom } = streamPlan(options, streamOf(spec)).client;
  const { events } = entry;
  const handled = handledEvents(events).length;
  if (resumeFrom !== 'midTransaction' || brokenUs === undefined || place <= handled) return [];
  // The client resumes after the last revision that it has handled, even if only in part.
  const lost = events[place - 1]!.kv.modRevision <= events[handled - 1]!.kv.modRevision;
  return [{ says: 'notHandled', handled, of: events.length, brokenUs, lost }];
}

/** Returns why an event for the watcher has not come; undefined when nothing was heard of the watcher. */
function whyNever(
  heard: LifeListener,
  life: EventLife,
  event: EventName,
  { release: { behaviours } }: Circumstances,
): Explanation | undefined {
  return whyGone(heard, life, event, behaviours) ?? whyNotYet(heard, event, behaviours);
}

type Behaviours = Circumstances['release']['behaviours'];

function whyGone(
  { cancel, left, end, restoredUs }: LifeListener,
  { skippedBy, undone, committedUs = 0, type }: EventLife,
  { revision }: EventName,
  behaviours: Behaviours,
): Explanation | undefined {
  const goneUs = undone?.timeUs ?? Number.POSITIVE_INFINITY;
  if (cancel !== undefined && cancel.timeUs <= goneUs) {
    return { says: 'cancelled', timeUs: cancel.timeUs, compactRev: cancel.compactRevision };
  }
  if (left !== undefined && left.timeUs <= goneUs) return { says: 'left', timeUs: left.timeUs };
  if (skippedBy !== undefined) {
    // The event was committed after that: the client had seen another revision of this number before.
    const wentBack = behaviours.has('scheduledCompactRev') && committedUs > skippedBy.timeUs;
    if (skippedBy.what === 'relisted' && !wentBack) return { says: 'seenAsState', entry: skippedBy };
    const restored = restoredUs !== undefined && skippedBy.timeUs >= restoredUs;
    if (restored || !wentBack) return { says: 'skipped', entry: skippedBy, restored };
    return { says: 'lostTo', behaviour: 'scheduledCompactRev' };
  }
  if (undone?.byBackup) return { says: 'goneBefore', timeUs: undone.timeUs };
  if (undone !== undefined) return { says: 'lostTo', behaviour: 'scheduledCompactRev' };
  if (type === 'PUT' || end?.compactRev !== revision) return undefined;
  const taker = (['tombstoneAtCompactRev', 'restoreTombstone'] as const).find((behaviour) => behaviours.has(behaviour));
  return taker === undefined ? undefined : { says: 'lostTo', behaviour: taker };
}

/** Returns why the event is still on its way, or that compaction has overtaken the watcher. */
function whyNotYet(heard: LifeListener, { revision }: EventName, behaviours: Behaviours): Explanation | undefined {
  const { end, group, spec } = heard;
  const waiting = end?.streams.find(({ stream, queued }) => stream === streamOf(spec) && queued > 0);
  // In such a release, an event at or above the watcher's minRev may already be in its stream.
  const mayBeQueued = waiting !== undefined && behaviours.has('notifyMinRev');
  if (group !== undefined && !mayBeQueued && revision >= group.minRev) {
    const overtaken = whereOvertaken(group, heard);
    if (overtaken !== undefined) return overtaken;
  }
  const unread = group?.because === 'nothingToRead' && revision < group.minRev;
  if (unread && behaviours.has('negativeStart')) return { says: 'lostTo', behaviour: 'negativeStart' };
  if (waiting !== undefined) return { says: 'notTaken', stream: waiting.stream, queued: waiting.queued };
  return group === undefined ? undefined : { says: 'notYet', group };
}

/** Returns how compaction keeps the watcher from what it still needs; undefined when it does not. */
function whereOvertaken(
  { to, because, minRev, timeUs, compactRev }: GroupEntry,
  { end, movedOn }: LifeListener,
): Explanation | undefined {
  if (because === 'compacted') return { says: 'cancelled', timeUs, compactRev };
  const compactedTo = end?.compactRev ?? 0;
  const waits = to === 'victim' || (to === 'unsynced' && !movedOn);
  return waits && minRev < compactedTo ? { says: 'overtaken', minRev, compactRev: compactedTo } : undefined;
}

export interface ExplainedEvent {
  readonly watcher: string;
  readonly parts: readonly Explanation[];
}

/** Replays, and explains an event for the watcher of that name, or for all watchers. Throws WATCHER_NOT_FOUND. */
export function explainEvent(
  { store, history }: OpenedReplay,
  options: ReplayOptions,
  event: EventName,
  watcher?: string,
): readonly ExplainedEvent[] {
  const specs = allWatchers(options).filter(({ name }) => watcher === undefined || name === watcher);
  if (specs.length === 0) {
    throw new MvccwError('WATCHER_NOT_FOUND', `the replay has no watcher named ${quoteText(watcher!)}`);
  }
  // The listeners hear of a later event when it is committed; not all of the history may be committed.
  const records = event.revision > store.currentRev ? [] : [...history.records(event.revision, event.revision)];
  const present = records.filter(({ key }) => key === event.key);
  const listeners = specs.map((spec) => new LifeListener(event, spec, present));
  let { currentRev } = store;
  let endUs = 0;
  for (const entry of replay(store, options)) {
    currentRev = Math.max(currentRev, entry.currentRev);
    endUs = entry.timeUs;
    for (const listener of listeners) listener.add(entry);
  }
  const isAhead = event.revision > currentRev && store.hasNext;
  const unwritten: Explanation = isAhead
    ? { says: 'notCommitted', timeUs: endUs, currentRev: store.currentRev }
    : { says: 'noSuchEvent', endRev: currentRev };
  return listeners.map((heard) => ({
    watcher: heard.spec.name,
    parts: heard.lives.length === 0 ? [unwritten] : explainLives(heard, event, options),
  }));
}
