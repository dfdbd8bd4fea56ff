// Plans a replay from what was asked for: its watchers, its revisions, all its options, and the hints for the user. All
// defaults are applied here.

import { quoteText } from '../../bytes/key-text.js';
import { MvccwError } from '../../errors.js';
import { WHOLE_KEY_SPACE } from '../../mvcc/key-range.js';
import type { StoreState } from '../../mvcc/store-state.js';
import { checkRevision } from '../../mvcc/window.js';
import type { Moment } from '../../requests/moment.js';
import { checkDistinctNames, streamOf, type WatchSpec } from '../../requests/watch-spec.js';
import { type EtcdRelease, NEWEST_RELEASE, newestPatchOf } from '../releases/etcd-release.js';
import { MAX_CACHE_CLIENTS, MAX_NOTIFICATIONS, MAX_WATCHERS } from '../run/bounds.js';
import {
  allWatchers,
  type CommitClock,
  DEFAULT_CACHE,
  DEFAULT_OPTIONS,
  DEFAULT_PARAMETERS,
  DEFAULT_STREAM,
  fillsCache,
  type ReplayOptions,
  type ReplayParameters,
  type StreamPlan,
} from '../run/replay-options.js';
import type { DerivedWatchers, ReplayStart } from './apiserver/derived-watchers.js';
import { checkNamed } from './check-named.js';
import { checkTotal } from './check-total.js';
import type { GivenStream } from './given-stream.js';
import type { Conditions, GivenOptions } from './scenario.js';

/** The history that is replayed, as far as a plan looks at it. */
export interface PlannedHistory {
  /** The state at the end of the whole history. */
  readonly state: StoreState;
  /** The watchers that are registered in the database. */
  readonly registered: readonly WatchSpec[];
  /** The etcd that wrote the history; undefined when no etcd did. */
  readonly origin?: EtcdOrigin | undefined;
  /** When the revisions were committed; undefined when nobody has looked. */
  readonly times?: RevisionTimes | undefined;
  /** Returns the watchers that follow from something else; undefined when nobody has looked. */
  readonly derive?: ((start: ReplayStart) => DerivedWatchers) | undefined;
}

export interface RevisionTimes {
  /** Returns the time of a commit, in µs since 1970. */
  timeUs(revision: number): number;
  /** Returns how far that time may be off, in µs; undefined if nothing bounds it. */
  boundUs(revision: number): number | undefined;
  /** Returns the first revision that was committed from a moment on. Throws FUTURE_REVISION. */
  firstFrom(moment: Moment): number;
  /** Returns the last revision that was committed by a moment. Throws COMPACTED. */
  lastUntil(moment: Moment): number;
  /** How exact the times are, for people. */
  readonly exactness: string;
}

export interface EtcdOrigin {
  /**
   * The version that an etcd file names, as X.Y.0, since only major and minor count; undefined when the file names
   * none.
   */
  readonly version: string | undefined;
}

/** A replay that is asked for. Its fields override those of the scenario. */
export interface ReplayRequest {
  readonly scenario?: Conditions | undefined;
  readonly baseRev?: number | undefined;
  readonly fromRev?: number | undefined;
  readonly toRev?: number | undefined;
  /** The watchers beside the registered ones and those of the scenario. */
  readonly watch: readonly WatchSpec[];
  readonly release?: EtcdRelease | undefined;
  readonly seed?: number | undefined;
}

export interface ReplayPlan {
  readonly options: ReplayOptions;
  /** The revision of the store at time 0. */
  readonly baseRev: number;
  /** The last revision that is committed. */
  readonly toRev: number;
  /** What is likely not meant, though it is no error. */
  readonly hints: readonly string[];
}

/**
 * Plans a replay of a history. Throws USAGE for names given twice or a base above the end,
 * FUTURE_REVISION or COMPACTED for a base or an end outside the window, WATCHER_NOT_FOUND for a watcher or a stream that is
 * named and not there.
 */
export function planReplay(planned: PlannedHistory, request: ReplayRequest): ReplayPlan {
  const { state, registered, origin, times } = planned;
  const { scenario } = request;
  const given = scenario?.options ?? {};
  const toRev = request.toRev ?? scenario?.toRev ?? state.currentRev;
  checkRevision(toRev, state);
  const oldest = Math.max(state.compactRev, 1);
  const { clock: source, ...pace } = given.arrivals ?? {};
  const givenFrom = request.fromRev ?? scenario?.fromRev;
  // By a clock, commits are to come; without one, all are there.
  const defaultBase = source === undefined ? toRev : Math.min(Math.max((givenFrom ?? 0) - 1, oldest), toRev);
  const baseRev = request.baseRev ?? scenario?.baseRev ?? defaultBase;
  if (baseRev > toRev) {
    throw new MvccwError(
      'USAGE',
      `the store cannot stand at ${baseRev} at the beginning: the history ends at ${toRev}`,
    );
  }
  checkRevision(baseRev, state);
  const fromRev = givenFrom || oldest;
  const isBaseGiven = (request.baseRev ?? scenario?.baseRev ?? source) !== undefined;
  // Without a base, all of the history is there at time 0, and an apiserver has listed before it.
  const derived = derivedBy(planned, scenario, {
    listRev: isBaseGiven ? baseRev : Math.max(fromRev - 1, oldest),
    startUs: source === undefined ? undefined : times?.timeUs(baseRev),
  });
  const watchers = [...registered, ...(given.watchers ?? []), ...request.watch, ...derived.watchers];
  const actions = [...(given.actions ?? DEFAULT_OPTIONS.actions), ...derived.actions];
  if (allWatchers({ watchers, actions }).length === 0) {
    watchers.push({ name: 'all', ...WHOLE_KEY_SPACE, filters: [], prevKv: false });
  }
  const all = allWatchers({ watchers, actions });
  checkTotal(all.length, MAX_WATCHERS, 'watchers');
  checkDistinctNames(all);
  const decided = request.release ?? given.release;
  const release = decided ?? defaultRelease(origin);
  const options: ReplayOptions = {
    ...DEFAULT_OPTIONS,
    ...given,
    watchers,
    actions,
    streams: wholeStreams(derived.streams, given.streams ?? new Map()),
    fromRev,
    release,
    seed: request.seed ?? given.seed ?? DEFAULT_OPTIONS.seed,
    arrivals: {
      ...DEFAULT_OPTIONS.arrivals,
      ...pace,
      ...(source !== undefined && { clock: commitClock(times, baseRev) }),
    },
    parameters: { ...defaultParameters(release), ...given.parameters },
  };
  checkNamed(options);
  checkCaches(options);
  checkNotifications(options);
  return {
    options,
    baseRev,
    toRev,
    hints: [
      ...derived.hints,
      ...hintsFor(options, given, state, baseRev, toRev),
      ...(times === undefined ? [] : [times.exactness]),
      ...releaseHints(release, decided === undefined ? origin : undefined),
    ],
  };
}

/** Returns the clock of a replay, which begins when the base was committed. */
function commitClock(times: RevisionTimes | undefined, baseRev: number): CommitClock {
  if (times === undefined) {
    throw new MvccwError('USAGE', 'arrivals by a clock need a history that was opened with one', {
      hint: 'replay a whole scenario, which has its history too',
    });
  }
  return {
    startUs: times.timeUs(baseRev),
    timeUs: (revision) => times.timeUs(revision),
    boundUs: (revision) => times.boundUs(revision),
  };
}

/** Throws USAGE for a cache that is filled by several watchers, for its sizes, and for names that its clients share. */
function checkCaches({ watchers, actions, streams }: ReplayOptions): void {
  const all = allWatchers({ watchers, actions });
  const clients = [...streams.values()].reduce((sum, { cache }) => sum + (cache?.clients.length ?? 0), 0);
  checkTotal(clients, MAX_CACHE_CLIENTS, 'clients of watch caches');
  for (const [stream, { cache }] of streams) {
    if (cache === undefined) continue;
    const { minCapacity, maxCapacity } = cache;
    if (minCapacity > maxCapacity) {
      throw new MvccwError(
        'USAGE',
        `the cache of stream ${quoteText(stream)} holds ${minCapacity} events at least and ${maxCapacity} at most`,
        { hint: 'give both minCapacity and maxCapacity: by default they are 100 and 102400' },
      );
    }
    const onStream = all.filter((spec) => streamOf(spec) === stream);
    if (onStream.length > 1 && !onStream.some((spec) => fillsCache(spec))) {
      throw new MvccwError('USAGE', `stream ${quoteText(stream)} has a cache and ${onStream.length} watchers`, {
        hint: 'one watcher fills a cache: that which is alone on the stream, or that which has its name',
      });
    }
    const names = cache.clients.map(({ name }) => name);
    const seen = new Set<string>();
    const twice = names.find((name) => seen.size === seen.add(name).size);
    if (twice !== undefined) {
      throw new MvccwError('USAGE', `two clients of stream ${quoteText(stream)} are named ${quoteText(twice)}`, {
        hint: 'with `repeat`, {i} makes the names distinct',
      });
    }
  }
}

/** Throws USAGE for more progress notifications than a replay can send in minutes. */
function checkNotifications({ watchers, actions, streams, parameters, untilUs = 0 }: ReplayOptions): void {
  const wanting = allWatchers({ watchers, actions }).filter(({ progressNotify }) => progressNotify).length;
  const asked = [...streams.values()].map(({ cache }) => Math.floor(untilUs / (cache?.progressEveryUs ?? Infinity)));
  const notified = Math.floor(untilUs / parameters.progressNotifyIntervalUs) * wanting;
  const total = asked.reduce((sum, count) => sum + count, notified);
  if (total <= MAX_NOTIFICATIONS) return;
  throw new MvccwError(
    'USAGE',
    `the watchers would get ${total} progress notifications, at most ${MAX_NOTIFICATIONS}`,
    {
      hint: 'choose a longer progressNotifyInterval or progressEvery, or stop the replay before with `until`',
    },
  );
}

const NO_WATCHERS: DerivedWatchers = { watchers: [], streams: new Map(), actions: [], hints: [] };

function derivedBy(
  { derive }: PlannedHistory,
  conditions: Conditions | undefined,
  start: ReplayStart,
): DerivedWatchers {
  if ((conditions?.watchersFrom ?? []).length === 0) return NO_WATCHERS;
  if (derive !== undefined) return derive(start);
  throw new MvccwError('USAGE', 'watchers that follow from something else need a history that was opened with it', {
    hint: 'replay a whole scenario, which has its history too',
  });
}

/** What is said of a stream that was derived adds to it. */
function wholeStreams(
  derived: ReadonlyMap<string, GivenStream>,
  given: ReadonlyMap<string, GivenStream>,
): ReadonlyMap<string, StreamPlan> {
  const names = [...new Set([...derived.keys(), ...given.keys()])];
  return new Map(
    names.map((name) => {
      const [first, second] = [derived.get(name), given.get(name)];
      const cache = first?.cache && { ...first.cache, ...second?.cache };
      const both = { ...first, ...second, client: { ...first?.client, ...second?.client }, ...(cache && { cache }) };
      return [name, wholeStream(both)];
    }),
  );
}

function wholeStream({ client, cache, ...stream }: GivenStream): StreamPlan {
  return {
    ...DEFAULT_STREAM,
    ...stream,
    client: { ...DEFAULT_STREAM.client, ...client },
    ...(cache && { cache: { ...DEFAULT_CACHE, ...cache } }),
  };
}

/**
 * Returns the newest patch of the minor version that the file names, as a file names no patch; the newest release of
 * all when it names no version.
 */
function defaultRelease(origin: EtcdOrigin | undefined): EtcdRelease {
  return (origin?.version === undefined ? undefined : newestPatchOf(origin.version)) ?? NEWEST_RELEASE;
}

/** Returns the hints about the release; `origin` is given when the release was taken from it. */
function releaseHints({ version, assumed }: EtcdRelease, origin: EtcdOrigin | undefined): string[] {
  if (origin !== undefined) {
    const [major, minor] = origin.version?.split('.') ?? [];
    const named = major === undefined ? 'the file names no version of etcd' : `the file is of etcd ${major}.${minor}`;
    return [
      `${named}: replayed as ${version}, the newest release known here; earlier patches differ, and --as-etcd X.Y.Z decides`,
    ];
  }
  if (assumed === undefined) return [];
  return [`etcd ${version} is newer than what is known here: it is taken to behave as ${assumed}`];
}

function defaultParameters({ chanBufLen = DEFAULT_PARAMETERS.chanBufLen }: EtcdRelease): ReplayParameters {
  return { ...DEFAULT_PARAMETERS, chanBufLen };
}

function hintsFor(
  options: ReplayOptions,
  given: GivenOptions,
  state: StoreState,
  baseRev: number,
  toRev: number,
): string[] {
  const { fromRev, release, untilUs } = options;
  const watchers = allWatchers(options);
  const hints: string[] = [];
  const starts = watchers.map(({ startRev }) => startRev ?? fromRev).filter((start) => start > 0);
  if (starts.some((start) => start < state.compactRev)) {
    hints.push(
      `revisions below ${state.compactRev} are compacted: a watcher that starts there is cancelled; the window is ${Math.max(state.compactRev, 1)} to ${state.currentRev}`,
    );
  }
  if (watchers.some(({ startRev = 0 }) => startRev < 0) && !release.behaviours.has('negativeStart')) {
    hints.push('a watcher whose start revision is below 0 is refused, as if all below 1 were compacted');
  }
  if (starts.length === watchers.length && starts.every((start) => start > toRev)) {
    hints.push(`every watcher starts above revision ${toRev}, where the replay ends: nothing is delivered`);
  }
  if (given.arrivals !== undefined && baseRev === toRev) {
    hints.push(
      'no revision is left to be committed: all of the history is there at time 0, unless a base revision is given',
    );
  }
  if (
    options.actions.some(
      (action) => action.action === 'restoreBackup' && action.bumpRevision > 0 !== action.markCompacted,
    )
  ) {
    hints.push(
      'etcdutl refuses --bump-revision without --mark-compacted, and the other way round; both are played all the same',
    );
  }
  const { progressNotifyIntervalUs } = given.parameters ?? {};
  if (
    progressNotifyIntervalUs !== undefined &&
    untilUs === undefined &&
    watchers.some((watcher) => watcher.progressNotify)
  ) {
    hints.push('the replay does not wait for progress notifications: say with `until` how long it lasts');
  }
  return hints;
}
