// A scenario as a replay takes it, made from its text: revisions, ranges, and times in µs.

import { MvccwError } from '../errors.js';
import { utf8 } from '../mvcc/byte-string.js';
import { FIELD_WORDS, prefixEnd } from '../mvcc/key-range.js';
import { parseFilter } from '../watch/event-filter.js';
import { type WatchSpec, watchSpecOf } from '../watch/watch-spec.js';
import type { ConsumerPlan } from './consumer.js';
import { parseDuration } from './duration.js';
import { etcdRelease, NEWEST_RELEASE } from './etcd-release.js';
import type { Limits } from './limits.js';
import { PASS_COSTS, type PassCost } from './pass-cost.js';
import {
  type Action,
  CAREFUL_CLIENT,
  DEFAULT_OPTIONS,
  type ReplayOptions,
  type ReplayParameters,
  type StreamPlan,
} from './replay-options.js';
import { SCENARIO_SCHEMA } from './scenario-schema.js';
import type {
  ActionText,
  CommitText,
  ConditionsText,
  DeleteText,
  HistoryText,
  LimitsText,
  ParametersText,
  PutText,
  ScenarioText,
  StreamText,
  WatchersText,
  WatcherText,
} from './scenario-text.js';
import type { Change, Transaction } from './scripted-store.js';

/** The path of a database or etcd file, or what the scenario writes. */
export type ScenarioHistory = { readonly database: string } | { readonly commits: readonly Transaction[] };

/** All of a scenario but its history. */
export interface Conditions {
  readonly about: string | undefined;
  readonly baseRev: number | undefined;
  readonly fromRev: number | undefined;
  readonly toRev: number | undefined;
  readonly parameters: Partial<ReplayParameters>;
  readonly options: Omit<ReplayOptions, 'fromRev' | 'parameters'>;
}

export interface Scenario extends Conditions {
  /** What it was made from. */
  readonly text: ScenarioText;
  readonly history: ScenarioHistory;
}

/** The i-th of what is repeated. */
const numbered = (text: string, i: number): string => text.replaceAll('{i}', String(i));

function changes(text: CommitText, i: number): Transaction {
  const counted = (value: string) => numbered(value, i);
  const change = ({ put, delete: del }: { put?: PutText; delete?: DeleteText }): Change[] => [
    ...(put === undefined ? [] : [{ put: utf8(counted(put.key)), value: Buffer.from(counted(put.value ?? '')) }]),
    ...(del === undefined ? [] : [deletion(utf8(counted(del.key)), del)]),
  ];
  return [...change(text), ...(text.txn ?? []).flatMap(change)];
}

function deletion(key: string, { end, prefix }: DeleteText): Change {
  if (prefix) return { delete: key, end: prefixEnd(key) };
  return { delete: key, end: end === undefined ? undefined : utf8(end) };
}

function transactions(commits: readonly CommitText[]): Transaction[] {
  return commits.flatMap((commit) => Array.from({ length: commit.repeat ?? 1 }, (_, i) => changes(commit, i)));
}

function watchSpec({ key, end, rev, filter, ...same }: WatcherText): WatchSpec {
  const fields = {
    ...same,
    key: utf8(key),
    end: end === undefined ? undefined : utf8(end),
    startRev: rev,
    filters: filter?.map(parseFilter),
  };
  return watchSpecOf(fields, FIELD_WORDS);
}

function watchSpecs({ repeat = 1, ...text }: WatchersText): WatchSpec[] {
  return Array.from({ length: repeat }, (_, i) => {
    const counted = (value: string) => numbered(value, i);
    return watchSpec({
      ...text,
      name: counted(text.name),
      key: counted(text.key),
      ...(text.end !== undefined && { end: counted(text.end) }),
      ...(text.stream !== undefined && { stream: counted(text.stream) }),
    });
  });
}

function consumerPlan(consumer: StreamText['consumer'] = 'atOnce'): ConsumerPlan {
  if (typeof consumer === 'string') return { pace: consumer };
  if ('every' in consumer) return { pace: 'interval', intervalUs: parseDuration(consumer.every) };
  return { pace: 'rate', eventsPerSecond: consumer.eventsPerSecond };
}

function streamPlan({ consumer, disconnectAt, reconnectAfter, resumeFrom }: StreamText): StreamPlan {
  return {
    consumer: consumerPlan(consumer),
    client: {
      disconnectAtUs: (disconnectAt ?? []).map(parseDuration),
      reconnectAfterUs: reconnectAfter === undefined ? 0 : parseDuration(reconnectAfter),
      resumeFrom: resumeFrom ?? CAREFUL_CLIENT.resumeFrom,
    },
  };
}

/** Throws USAGE when the action names not exactly one thing to happen. */
function action(text: ActionText): Action {
  const { at, for: stallFor, ...things } = text;
  const atUs = parseDuration(at);
  if (Object.keys(things).length !== 1) {
    throw new MvccwError('USAGE', 'an action needs exactly one thing beside `at`', {
      hint: `one of ${Object.keys(SCENARIO_SCHEMA.properties.actions.items.properties)
        .filter((name) => name !== 'at' && name !== 'for')
        .join(', ')}`,
    });
  }
  if ((text.stall === undefined) !== (stallFor === undefined)) {
    throw new MvccwError('USAGE', '`stall` and `for` go together', { hint: '{at: 1s, stall: STREAM, for: 5s}' });
  }
  if (text.watch !== undefined) return { atUs, action: 'watch', watcher: watchSpec(text.watch) };
  if (text.cancel !== undefined) return { atUs, action: 'cancel', watcher: text.cancel };
  if (text.compact !== undefined) return { atUs, action: 'compact', revision: text.compact };
  if (text.restart !== undefined) return { atUs, action: 'restart', cutShort: text.restart === 'cutShort' };
  if (text.progress !== undefined) return { atUs, action: 'progress', stream: text.progress };
  if (text.stall !== undefined) return { atUs, action: 'stall', stream: text.stall, forUs: parseDuration(stallFor!) };
  return { atUs, action: 'restore' };
}

function passCost(cost: ConditionsText['cost'] = 'none'): PassCost {
  return typeof cost === 'string' ? PASS_COSTS[cost]! : cost;
}

/** A loop that does not wait would not let anything else happen. Throws USAGE. */
function period(text: string, name: string): number {
  const us = parseDuration(text);
  if (us > 0) return us;
  throw new MvccwError('USAGE', `parameters.${name} must be above 0`, { hint: 'the shortest time is 1us' });
}

function parametersOf({ resyncPeriod, victimRetry, ...counts }: ParametersText): Partial<ReplayParameters> {
  return {
    ...counts,
    ...(resyncPeriod !== undefined && { resyncPeriodUs: period(resyncPeriod, 'resyncPeriod') }),
    ...(victimRetry !== undefined && { victimRetryUs: period(victimRetry, 'victimRetry') }),
  };
}

function limitsOf({ lag, delay }: LimitsText): Limits {
  return {
    ...(lag !== undefined && { lagRevs: lag }),
    ...(delay !== undefined && { delayUs: parseDuration(delay) }),
  };
}

function optionsOf(text: ConditionsText): Conditions['options'] {
  const release = text.etcd === undefined ? NEWEST_RELEASE : etcdRelease(text.etcd);
  return {
    ...DEFAULT_OPTIONS,
    watchers: (text.watchers ?? []).flatMap(watchSpecs),
    streams: new Map(Object.entries(text.streams ?? {}).map(([name, stream]) => [name, streamPlan(stream)])),
    ...(text.arrivals !== undefined && {
      arrivals: { commitsPerSecond: text.arrivals.perSecond, poisson: text.arrivals.poisson ?? false },
    }),
    actions: (text.actions ?? []).map(action),
    cost: passCost(text.cost),
    limits: limitsOf(text.limits ?? {}),
    release,
    seed: text.seed ?? DEFAULT_OPTIONS.seed,
    untilUs: text.until === undefined ? undefined : parseDuration(text.until),
  };
}

export function historyOf({ database, commits }: HistoryText): ScenarioHistory {
  return database === undefined ? { commits: transactions(commits ?? []) } : { database };
}

/** Throws USAGE for what the schema cannot refuse. */
export function conditionsOf(text: ConditionsText): Conditions {
  return {
    about: text.about,
    baseRev: text.base,
    fromRev: text.from,
    toRev: text.to,
    parameters: parametersOf(text.parameters ?? {}),
    options: optionsOf(text),
  };
}

/** Throws USAGE for what the schema cannot refuse. */
export function scenarioOf(text: ScenarioText): Scenario {
  return { text, ...conditionsOf(text), history: historyOf(text.history) };
}
