// What a replay is given.

import type { WatchSpec } from '../../requests/watch-spec.js';
import type { WatchParameters } from '../../watch/watchable-history.js';
import { DEFAULT_WATCH_PARAMETERS } from '../../watch/watchable-history.js';
import { type EtcdRelease, NEWEST_RELEASE } from '../releases/etcd-release.js';
import { AT_ONCE, type ConsumerPlan } from './consumer.js';
import { PASS_COSTS, type PassCost } from './pass-cost.js';

export interface ReplayParameters extends WatchParameters {
  /** Between two sync passes that make no headway. */
  readonly resyncPeriodUs: number;
  /** Between two tries to deliver to victims. */
  readonly victimRetryUs: number;
  /** Between two progress notifications to a watcher that has asked for them. */
  readonly progressNotifyIntervalUs: number;
  /** The largest request that the server takes; a response may be a little larger before it is cut. */
  readonly maxRequestBytes: number;
}

export const DEFAULT_PARAMETERS: ReplayParameters = {
  ...DEFAULT_WATCH_PARAMETERS,
  resyncPeriodUs: 100_000,
  victimRetryUs: 10_000,
  progressNotifyIntervalUs: 600_000_000,
  maxRequestBytes: 1.5 * 1024 * 1024,
};

/** What etcd's server adds to maxRequestBytes for the limit of a message. */
export const MESSAGE_OVERHEAD_BYTES = 512 * 1024;

/** The revision that a client resumes from once it has its connection back. */
export type ResumeFrom =
  /** The last event's revision + 1, as etcd's own client does. */
  | 'lastEvent'
  /** The last response's header revision + 1: careless, as the header may be ahead of the events. */
  | 'header'
  /** The last progress response's revision + 1, or where it started. */
  | 'progress'
  /** As lastEvent, but the client has dealt with only half of its last response, even within a transaction. */
  | 'midTransaction';

export interface ClientPlan {
  readonly disconnectAtUs: readonly number[];
  readonly reconnectAfterUs: number;
  readonly resumeFrom: ResumeFrom;
}

/** One connection, that one or more watchers share. */
export interface StreamPlan {
  readonly consumer: ConsumerPlan;
  readonly client: ClientPlan;
}

export const DEFAULT_STREAM: StreamPlan = {
  consumer: AT_ONCE,
  client: { disconnectAtUs: [], reconnectAfterUs: 0, resumeFrom: 'lastEvent' },
};

export interface ArrivalPlan {
  readonly commitsPerSecond: number;
  /** At random moments, so many a second on average. */
  readonly poisson: boolean;
}

export type Action = { readonly atUs: number } & (
  | { readonly action: 'watch'; readonly watcher: WatchSpec }
  | { readonly action: 'cancel'; readonly watcher: string }
  /** A revision, or so many below the newest. */
  | { readonly action: 'compact'; readonly revision: number | { readonly behind: number } }
  /** `cutShort`: killed before the end of the last compaction was recorded; only where the scenario writes its history. */
  | { readonly action: 'restart'; readonly cutShort: boolean }
  | { readonly action: 'restore' }
  | { readonly action: 'progress'; readonly stream: string }
  | { readonly action: 'stall'; readonly stream: string; readonly forUs: number }
);

export interface ReplayOptions {
  /** From time 0 on. */
  readonly watchers: readonly WatchSpec[];
  /** By name; see streamPlan for those that are not named. */
  readonly streams: ReadonlyMap<string, StreamPlan>;
  /** Where watchers without a start revision begin. */
  readonly fromRev: number;
  /** How fast what the store has not committed yet comes. */
  readonly arrivals: ArrivalPlan;
  readonly actions: readonly Action[];
  readonly parameters: ReplayParameters;
  readonly cost: PassCost;
  readonly release: EtcdRelease;
  readonly seed: number;
  /** When to stop, whatever is still to come; undefined: when nothing more can happen. */
  readonly untilUs: number | undefined;
  /** What is too late. */
  readonly limits: Limits;
}

/** The watchers from time 0 on, and behind them those that are started in the course of the replay. */
export function allWatchers({ watchers, actions }: Pick<ReplayOptions, 'watchers' | 'actions'>): WatchSpec[] {
  return [...watchers, ...actions.flatMap((action) => (action.action === 'watch' ? [action.watcher] : []))];
}

/** The plan of a stream; the default one where the options name no such stream. */
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

/** A store that a restart sets back in revisions writes some of them anew: what its history is shows only at the end. */
export const mayGoBack = ({ actions }: Pick<ReplayOptions, 'actions'>): boolean =>
  actions.some((action) => action.action === 'restart' && action.cutShort);
export interface Limits {
  /** Revisions that the store may be ahead of a watcher. */
  readonly lagRevs?: number | undefined;
  /** From an event's commit to its consumer. */
  readonly delayUs?: number | undefined;
}
