// Makes a scenario from its text: revisions, ranges, and times in µs.

import { MvccwError } from '../../errors.js';
import { type ClockSource, parseClockSource } from '../../requests/clock-source.js';
import { FIELD_WORDS } from '../../requests/range-options.js';
import { type WatchSpec, watchSpecOf } from '../../requests/watch-spec.js';
import { parseWatchersSource, type WatchersSource } from '../../requests/watchers-source.js';
import { parseFilter } from '../../watch/event-filter.js';
import { etcdRelease } from '../releases/etcd-release.js';
import { MAX_WATCHERS } from '../run/bounds.js';
import { parseSize } from '../run/byte-size.js';
import { parseDuration } from '../run/duration.js';
import { PASS_COSTS, type PassCost } from '../run/pass-cost.js';
import type { Action, ArrivalPlan, Limits, ReplayOptions, ReplayParameters } from '../run/replay-options.js';
import type { Transactions } from '../run/transactions.js';
import { checkTotal } from './check-total.js';
import { inField } from './field-error.js';
import { given, optionalTime, timeIn } from './given.js';
import { type GivenStream, givenStream } from './given-stream.js';
import { numbered, rangeBytes } from './numbered-text.js';
import type {
  ActionText,
  ConditionsText,
  HistoryText,
  LimitsText,
  ParametersText,
  ScenarioText,
  WatchersText,
  WatcherText,
} from './scenario-text.js';
import { WrittenCommits } from './written-commits.js';

/** The path of a database or etcd file, or the transactions that the scenario writes. */
export type ScenarioHistory = { readonly database: string } | { readonly commits: Transactions };

/** What a scenario says of the options of its replay. A field that it does not have is absent: the plan fills it in. */
export interface GivenOptions
  extends Partial<Pick<ReplayOptions, 'watchers' | 'actions' | 'cost' | 'limits' | 'release' | 'seed' | 'untilUs'>> {
  readonly streams?: ReadonlyMap<string, GivenStream>;
  readonly arrivals?: Partial<Omit<ArrivalPlan, 'clock'>> & { readonly clock?: ClockSource };
  readonly parameters?: Partial<ReplayParameters>;
}

/** A scenario without its history, as it was given. */
export interface Conditions {
  readonly about: string | undefined;
  readonly baseRev: number | undefined;
  readonly fromRev: number | undefined;
  readonly toRev: number | undefined;
  readonly options: GivenOptions;
  /** Where other watchers are from, and the prefix of the apiserver whose they are. */
  readonly watchersFrom: readonly WatchersSource[];
  readonly etcdPrefix: string | undefined;
}

export interface Scenario extends Conditions {
  /** The text that the scenario was made from. */
  readonly text: ScenarioText;
  readonly history: ScenarioHistory;
}

/** The i-th of a watcher. */
function watchSpec(text: WatcherText, i?: number): WatchSpec {
  const { rev: startRev, filter, name, stream, ...same } = text;
  const counted = {
    name: numbered(name, i),
    ...(stream !== undefined && { stream: numbered(stream, i) }),
  };
  const range = { ...rangeBytes(text, i), keyHex: false };
  return watchSpecOf({ ...same, ...counted, ...range, startRev, filters: filter?.map(parseFilter) }, FIELD_WORDS);
}

function watchSpecs(texts: readonly WatchersText[]): WatchSpec[] {
  const total = texts.reduce((sum, { repeat = 1 }) => sum + repeat, 0);
  checkTotal(total, MAX_WATCHERS, 'watchers');
  return texts.flatMap((text, i) => inField([i], () => repeatedSpecs(text)));
}

function repeatedSpecs({ repeat = 1, ...text }: WatchersText): WatchSpec[] {
  return Array.from({ length: repeat }, (_, i) => watchSpec(text, i));
}

function action(text: ActionText): Action {
  const atUs = timeIn(['at'], text.at);
  if (text.watch !== undefined)
    return { atUs, action: 'watch', watcher: inField(['watch'], () => watchSpec(text.watch!)) };
  if (text.cancel !== undefined) return { atUs, action: 'cancel', watcher: text.cancel };
  if (text.compact !== undefined) return { atUs, action: 'compact', revision: text.compact };
  if (text.restart !== undefined) return { atUs, action: 'restart', cutShort: text.restart === 'cutShort' };
  if (text.progress !== undefined) return { atUs, action: 'progress', stream: text.progress };
  if (text.stall !== undefined) return { atUs, action: 'stall', stream: text.stall, forUs: timeIn(['for'], text.for!) };
  if (typeof text.restore === 'object') {
    const { to: revision, bumpRevision = 0, markCompacted = false } = text.restore;
    return { atUs, action: 'restoreBackup', revision, bumpRevision, markCompacted };
  }
  return { atUs, action: 'restore' };
}

function passCost(cost: NonNullable<ConditionsText['cost']>): PassCost {
  return typeof cost === 'string' ? PASS_COSTS[cost]! : cost;
}

/** Reads a time above 0. Throws USAGE for a part of a microsecond, which would be 0. */
function period(name: string, text: string): number {
  return inField(['parameters', name], () => {
    const us = parseDuration(text);
    if (us > 0) return us;
    throw new MvccwError('USAGE', 'must be above 0', { hint: 'the shortest time is 1us' });
  });
}

const MIN_NOTIFY_INTERVAL_US = 100_000;

/** Reads an interval. Throws USAGE for one that is shorter than etcd allows. */
function notifyInterval(text: string): number {
  return inField(['parameters', 'progressNotifyInterval'], () => {
    const us = parseDuration(text);
    if (us >= MIN_NOTIFY_INTERVAL_US) return us;
    throw new MvccwError('USAGE', 'must be 100ms at least', { hint: 'etcd makes 100ms of a shorter interval' });
  });
}

function parametersOf({
  resyncPeriod,
  victimRetry,
  progressNotifyInterval,
  ...counts
}: ParametersText): Partial<ReplayParameters> {
  return {
    ...counts,
    ...(resyncPeriod !== undefined && { resyncPeriodUs: period('resyncPeriod', resyncPeriod) }),
    ...(victimRetry !== undefined && { victimRetryUs: period('victimRetry', victimRetry) }),
    ...(progressNotifyInterval !== undefined && { progressNotifyIntervalUs: notifyInterval(progressNotifyInterval) }),
  };
}

function limitsOf({ lag, delay, memory }: LimitsText): Limits {
  return given({
    lagRevs: lag,
    delayUs: optionalTime(['limits', 'delay'], delay),
    memoryBytes: memory === undefined ? undefined : parseSize(memory),
  });
}

function optionsOf(text: ConditionsText): GivenOptions {
  const { watchers, streams, arrivals, actions, parameters, cost, limits, etcd, seed, until } = text;
  return given({
    watchers: watchers && inField(['watchers'], () => watchSpecs(watchers)),
    streams: streams && givenStreams(streams),
    arrivals: arrivals && givenArrivals(arrivals),
    actions: actions?.map((one, i) => inField(['actions', i], () => action(one))),
    parameters: parameters && parametersOf(parameters),
    cost: cost === undefined ? undefined : passCost(cost),
    limits: limits && limitsOf(limits),
    release: etcd === undefined ? undefined : etcdRelease(etcd),
    seed,
    untilUs: optionalTime(['until'], until),
  });
}

function givenArrivals({ perSecond, poisson, clock }: NonNullable<ConditionsText['arrivals']>) {
  return given({
    commitsPerSecond: perSecond,
    poisson,
    clock: clock === undefined ? undefined : inField(['arrivals', 'clock'], () => parseClockSource(clock)),
  });
}

function givenStreams(streams: NonNullable<ConditionsText['streams']>): ReadonlyMap<string, GivenStream> {
  return new Map(
    Object.entries(streams).map(([name, stream]) => [name, inField(['streams', name], () => givenStream(stream))]),
  );
}

export function historyOf({ database, commits }: HistoryText): ScenarioHistory {
  if (database !== undefined) return { database };
  return { commits: inField(['history', 'commits'], () => new WrittenCommits(commits ?? [])) };
}

/** Reads the conditions of a scenario. Throws USAGE for what the schema cannot refuse. */
export function conditionsOf(text: ConditionsText): Conditions {
  return {
    about: text.about,
    baseRev: text.base,
    fromRev: text.from,
    toRev: text.to,
    options: optionsOf(text),
    watchersFrom: (text.watchersFrom ?? []).map((one, i) =>
      inField(['watchersFrom', i], () => parseWatchersSource(one)),
    ),
    etcdPrefix: text.etcdPrefix,
  };
}

/** Reads a scenario. Throws USAGE for what the schema cannot refuse. */
export function scenarioOf(text: ScenarioText): Scenario {
  return { text, ...conditionsOf(text), history: historyOf(text.history) };
}
