// The options of a replay say all that it depends on beside its history.

import type { KeyRange } from '../../mvcc/key-range.js';
import { streamOf, type WatchSpec } from '../../requests/watch-spec.js';
import type { WatchParameters } from '../../watch/watchable-history.js';
import { DEFAULT_WATCH_PARAMETERS } from '../../watch/watchable-history.js';
import { type EtcdRelease, NEWEST_RELEASE } from '../releases/etcd-release.js';
import { AT_ONCE, type ConsumerPlan } from './consumer.js';
import { PASS_COSTS, type PassCost } from './pass-cost.js';
import type { Backup } from './replay-store.js';

export interface ReplayParameters extends WatchParameters {
  /** The time between two sync passes that make no headway. */
  readonly resyncPeriodUs: number;
  /** The time between two tries to send to victims. */
  readonly victimRetryUs: number;
  /** The time between two progress notifications to a watcher that wants them. */
  readonly progressNotifyIntervalUs: number;
  /** The largest request that the server takes. A response may be MESSAGE_OVERHEAD_BYTES larger before it is cut. */
  readonly maxRequestBytes: number;
}

export const DEFAULT_PARAMETERS: ReplayParameters = {
  ...DEFAULT_WATCH_PARAMETERS,
  resyncPeriodUs: 100_000,
  victimRetryUs: 10_000,
  progressNotifyIntervalUs: 600_000_000,
  maxRequestBytes: 1.5 * 1024 * 1024,
};

/** etcd's server adds this to maxRequestBytes for the limit of a message. */
export const MESSAGE_OVERHEAD_BYTES = 512 * 1024;

/** The rule by which a client that has its connection back chooses the revision from which it resumes. */
export type ResumeFrom =
  /** The client takes the last event's revision + 1, as etcd's own client does. */
  | 'lastEvent'
  /**
   * The client takes the last response's header revision + 1, which is careless: the header may be ahead of the events.
   */
  | 'header'
  /** The client takes the last progress response's revision + 1; before any progress, its last event's. */
  | 'progress'
  /**
   * As lastEvent, but the client has dealt with only the first half of its last response, even within a transaction.
   */
  | 'midTransaction'
  /** The client takes the higher of its last event and its last progress, + 1, as a reflector of Kubernetes does. */
  | 'bookmark'
  /** The client sends its first request once more. */
  | 'start'
  /** The client asks for what comes next, so that it misses what was written meanwhile. */
  | 'now'
  /**
   * The client takes its last event's revision + 1, but each created answer replaces that by the revision in its
   * header, as jetcd did (its #946).
   */
  | 'created';

/** What a client does when compaction has ended its watcher. */
export type OnCompacted =
  /** The client ends, too. */
  | 'end'
  /** The client lists what is there, and watches from behind the revision of the list. */
  | 'relist';

/** What happens to a client's connection, and how the client goes on after that or after a compaction. */
export interface ClientPlan {
  readonly disconnectAtUs: readonly number[];
  readonly reconnectAfterUs: number;
  readonly resumeFrom: ResumeFrom;
  readonly onCompacted: OnCompacted;
  /** The time that a list takes; it shows what is there at its end. */
  readonly relistAfterUs: number;
}

/** The clients that a scenario may name instead of each of their habits. */
export const CLIENTS = {
  etcd: { resumeFrom: 'lastEvent', onCompacted: 'end' },
  reflector: { resumeFrom: 'bookmark', onCompacted: 'relist' },
  apiserverCache: { resumeFrom: 'bookmark', onCompacted: 'relist' },
} as const satisfies Readonly<Record<string, Pick<ClientPlan, 'resumeFrom' | 'onCompacted'>>>;

export type ClientKind = keyof typeof CLIENTS;

/** The plan of a connection that one or more watchers share. */
export interface StreamPlan {
  readonly consumer: ConsumerPlan;
  readonly client: ClientPlan;
  /** The watch cache that its one watcher fills; undefined when the client is no apiserver. */
  readonly cache?: CachePlan | undefined;
}

/** The watch cache of an apiserver for a resource, and the clients that it serves. */
export interface CachePlan {
  /** The least and the most events that its window holds. */
  readonly minCapacity: number;
  readonly maxCapacity: number;
  /** The age up to which events make its window larger. */
  readonly freshForUs: number;
  readonly bookmarkEveryUs: number;
  /** How often it asks etcd for progress, as it does while a read waits for it; undefined: never. */
  readonly progressEveryUs: number | undefined;
  readonly clients: readonly CacheClientPlan[];
}

export interface CacheClientPlan {
  readonly name: string;
  /** The keys that it watches; undefined for all of the resource. */
  readonly range: KeyRange | undefined;
  readonly atUs: number;
  readonly untilUs: number | undefined;
  /** The first revision that it wants; undefined: it lists when it comes. */
  readonly startRev: number | undefined;
  /** Its pace, where each event counts by itself. */
  readonly consumer: ConsumerPlan;
  /** The size of its channel; undefined: what Kubernetes would choose. */
  readonly channel: number | undefined;
  readonly reconnectAfterUs: number;
}

/** What Kubernetes has of its watch cache: from 100 to 102,400 events, of 75 s, and a bookmark a minute. */
export const DEFAULT_CACHE: CachePlan = {
  minCapacity: 100,
  maxCapacity: 102_400,
  freshForUs: 75_000_000,
  bookmarkEveryUs: 60_000_000,
  progressEveryUs: undefined,
  clients: [],
};

export const DEFAULT_STREAM: StreamPlan = {
  consumer: AT_ONCE,
  client: { disconnectAtUs: [], reconnectAfterUs: 0, relistAfterUs: 0, ...CLIENTS.etcd },
};

/** The times at which revisions were committed. */
export interface CommitClock {
  /** The time at which the replay begins, in µs since 1970. */
  readonly startUs: number;
  /** Returns the time of a commit, in µs since 1970. */
  timeUs(revision: number): number;
  /** Returns how far that time may be off, in µs; undefined if nothing bounds it. */
  boundUs(revision: number): number | undefined;
}

export interface ArrivalPlan {
  readonly commitsPerSecond: number;
  /** Whether the commits come at random moments, so many a second on average. */
  readonly poisson: boolean;
  /** The clock by which the commits come, whatever the rate; undefined if they come at the rate. */
  readonly clock?: CommitClock | undefined;
}

export type Action = { readonly atUs: number } & (
  | { readonly action: 'watch'; readonly watcher: WatchSpec }
  | { readonly action: 'cancel'; readonly watcher: string }
  /** `revision` is a revision, or so many below the newest. */
  | { readonly action: 'compact'; readonly revision: number | { readonly behind: number } }
  /**
   * `cutShort` says that the process is killed before the end of its last compaction is recorded. It needs a history
   * that the scenario writes.
   */
  | { readonly action: 'restart'; readonly cutShort: boolean }
  | { readonly action: 'restore' }
  /** The cluster is restored from a backup of a revision, or of so many revisions below the newest. */
  | ({ readonly action: 'restoreBackup'; readonly revision: number | { readonly behind: number } } & Omit<
      Backup,
      'revision'
    >)
  | { readonly action: 'progress'; readonly stream: string }
  | { readonly action: 'stall'; readonly stream: string; readonly forUs: number }
);

export interface ReplayOptions {
  /** The watchers that are there from time 0 on. */
  readonly watchers: readonly WatchSpec[];
  /** The plans by the stream's name. streamPlan gives that of a stream that is not named here. */
  readonly streams: ReadonlyMap<string, StreamPlan>;
  /** The start revision of watchers that have none of their own. */
  readonly fromRev: number;
  /** The rate of the commits that are still to come at time 0. */
  readonly arrivals: ArrivalPlan;
  readonly actions: readonly Action[];
  readonly parameters: ReplayParameters;
  readonly cost: PassCost;
  readonly release: EtcdRelease;
  readonly seed: number;
  /**
   * The time when the replay stops, whatever is still to come. When undefined, it stops when nothing more can happen.
   */
  readonly untilUs: number | undefined;
  /** The limits of lateness and of memory. */
  readonly limits: Limits;
}

/** Returns the watchers of time 0, and behind them those that the replay starts later. */
export function allWatchers({ watchers, actions }: Pick<ReplayOptions, 'watchers' | 'actions'>): WatchSpec[] {
  return [...watchers, ...actions.flatMap((action) => (action.action === 'watch' ? [action.watcher] : []))];
}

/** Returns whether a watcher fills the cache of its stream also when others are on the stream. */
export function fillsCache(spec: Pick<WatchSpec, 'name' | 'stream'>): boolean {
  return streamOf(spec) === spec.name;
}

/** Returns the plan of a stream; the default plan when the options do not name the stream. */
export function streamPlan({ streams }: Pick<ReplayOptions, 'streams'>, name: string): StreamPlan {
  return streams.get(name) ?? DEFAULT_STREAM;
}

export const DEFAULT_OPTIONS: Omit<ReplayOptions, 'watchers' | 'fromRev' | 'parameters'> = {
  streams: new Map(),
  arrivals: { commitsPerSecond: 1000, poisson: false },
  actions: [],
  cost: PASS_COSTS.none!,
  release: NEWEST_RELEASE,
  seed: 1,
  untilUs: undefined,
  limits: {},
};

/** Returns how often the store is restored from a backup. */
export const countBackups = ({ actions }: Pick<ReplayOptions, 'actions'>): number =>
  actions.filter(({ action }) => action === 'restoreBackup').length;

/**
 * Returns whether a restart or a backup may set the store back in revisions. Such a store writes some revisions anew, so
 * that its history is known only at the end.
 */
export const mayGoBack = ({ actions }: Pick<ReplayOptions, 'actions'>): boolean =>
  actions.some(({ action, ...more }) => action === 'restoreBackup' || ('cutShort' in more && more.cutShort));

export interface Limits {
  /** The most revisions that the store may be ahead of a watcher. */
  readonly lagRevs?: number | undefined;
  /** The longest time from an event's commit to its consumer. */
  readonly delayUs?: number | undefined;
  /** The most bytes that pending events may hold in all. */
  readonly memoryBytes?: number | undefined;
}
