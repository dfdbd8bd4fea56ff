// Scenario files: YAML that says what happens to a store and its watchers. Checked against the schema when read; an
// error names the line, the field and what is allowed.

import { Ajv, type ErrorObject } from 'ajv';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { MvccwError } from '../errors.js';
import { checkWatchRange, prefixEnd, rangeOf } from '../mvcc/key-range.js';
import { parseFilter } from '../watch/parse-filter.js';
import type { WatchSpec } from '../watch/watch-spec.js';
import type { ConsumerPlan } from './consumer.js';
import { etcdRelease, NEWEST_RELEASE } from './etcd-release.js';
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
import type { Change, Transaction } from './scripted-store.js';

export interface Scenario {
  readonly about: string | undefined;
  /** The path of a database or etcd file, or what the scenario writes. */
  readonly history: { readonly database: string } | { readonly commits: readonly Transaction[] };
  readonly baseRev: number | undefined;
  readonly fromRev: number | undefined;
  readonly toRev: number | undefined;
  readonly parameters: Partial<ReplayParameters>;
  readonly options: Omit<ReplayOptions, 'fromRev' | 'parameters'>;
}

interface PutText {
  key: string;
  value?: string;
}
interface DeleteText {
  key: string;
  end?: string;
  prefix?: boolean;
}
interface CommitText {
  put?: PutText;
  delete?: DeleteText;
  txn?: { put?: PutText; delete?: DeleteText }[];
  repeat?: number;
}
interface WatcherText {
  name: string;
  key: string;
  end?: string;
  prefix?: boolean;
  fromKey?: boolean;
  rev?: number;
  filter?: string[];
  prevKv?: boolean;
  stream?: string;
}
interface StreamText {
  consumer?: 'atOnce' | 'never' | { every: string } | { eventsPerSecond: number };
  disconnectAt?: string[];
  reconnectAfter?: string;
  resumeFrom?: StreamPlan['client']['resumeFrom'];
}
interface ActionText {
  at: string;
  watch?: WatcherText;
  cancel?: string;
  compact?: number | { behind: number };
  restart?: 'clean' | 'cutShort';
  restore?: true;
  progress?: string;
  stall?: string;
  for?: string;
}
interface ScenarioText {
  about?: string;
  history: { database?: string; commits?: CommitText[] };
  base?: number;
  from?: number;
  to?: number;
  arrivals?: { perSecond: number; poisson?: boolean };
  watchers?: WatcherText[];
  streams?: Record<string, StreamText>;
  actions?: ActionText[];
  parameters?: {
    chanBufLen?: number;
    maxWatchersPerSync?: number;
    watchBatchMaxRevs?: number;
    resyncPeriod?: string;
    victimRetry?: string;
  };
  cost?: string | PassCost;
  etcd?: string;
  seed?: number;
  until?: string;
}

const UNIT_US: Readonly<Record<string, number>> = { us: 1, ms: 1000, s: 1e6, m: 60e6 };

function timeUs(text: string): number {
  const [, amount, unit] = /^([0-9.]+)(us|ms|s|m)$/.exec(text)!;
  return Math.round(Number(amount) * UNIT_US[unit!]!);
}

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

function changes(text: CommitText, i: number): Transaction {
  const counted = (value: string) => value.replaceAll('{i}', String(i));
  const change = ({ put, delete: del }: { put?: PutText; delete?: DeleteText }): Change[] => [
    ...(put === undefined ? [] : [{ put: latin1(counted(put.key)), value: Buffer.from(counted(put.value ?? '')) }]),
    ...(del === undefined ? [] : [deletion(latin1(counted(del.key)), del)]),
  ];
  return [...change(text), ...(text.txn ?? []).flatMap(change)];
}

function deletion(key: string, { end, prefix }: DeleteText): Change {
  if (prefix) return { delete: key, end: prefixEnd(key) };
  return { delete: key, end: end === undefined ? undefined : latin1(end) };
}

function transactions(commits: readonly CommitText[]): Transaction[] {
  return commits.flatMap((commit) => Array.from({ length: commit.repeat ?? 1 }, (_, i) => changes(commit, i)));
}

function watchSpec({ name, key, end, prefix, fromKey, rev, filter, prevKv, stream }: WatcherText): WatchSpec {
  const range = rangeOf(latin1(key), { end: end === undefined ? undefined : latin1(end), prefix, fromKey });
  checkWatchRange(range);
  return {
    name,
    ...range,
    ...(rev !== undefined && { startRev: rev }),
    filters: (filter ?? []).map(parseFilter),
    prevKv: prevKv ?? false,
    ...(stream !== undefined && { stream }),
  };
}

function consumerPlan(consumer: StreamText['consumer'] = 'atOnce'): ConsumerPlan {
  if (typeof consumer === 'string') return { pace: consumer };
  if ('every' in consumer) return { pace: 'interval', intervalUs: timeUs(consumer.every) };
  return { pace: 'rate', eventsPerSecond: consumer.eventsPerSecond };
}

function streamPlan({ consumer, disconnectAt, reconnectAfter, resumeFrom }: StreamText): StreamPlan {
  return {
    consumer: consumerPlan(consumer),
    client: {
      disconnectAtUs: (disconnectAt ?? []).map(timeUs),
      reconnectAfterUs: reconnectAfter === undefined ? 0 : timeUs(reconnectAfter),
      resumeFrom: resumeFrom ?? CAREFUL_CLIENT.resumeFrom,
    },
  };
}

/** Throws USAGE when the action names not exactly one thing to happen. */
function action(text: ActionText): Action {
  const { at, for: stallFor, ...things } = text;
  const atUs = timeUs(at);
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
  if (text.stall !== undefined) return { atUs, action: 'stall', stream: text.stall, forUs: timeUs(stallFor!) };
  return { atUs, action: 'restore' };
}

function passCost(cost: ScenarioText['cost'] = 'none'): PassCost {
  return typeof cost === 'string' ? PASS_COSTS[cost]! : cost;
}

function parametersOf({
  resyncPeriod,
  victimRetry,
  ...counts
}: ScenarioText['parameters'] & object): Partial<ReplayParameters> {
  return {
    ...counts,
    ...(resyncPeriod !== undefined && { resyncPeriodUs: timeUs(resyncPeriod) }),
    ...(victimRetry !== undefined && { victimRetryUs: timeUs(victimRetry) }),
  };
}

function optionsOf(text: ScenarioText): Scenario['options'] {
  const release = text.etcd === undefined ? NEWEST_RELEASE : etcdRelease(text.etcd);
  return {
    ...DEFAULT_OPTIONS,
    watchers: (text.watchers ?? []).map(watchSpec),
    streams: new Map(Object.entries(text.streams ?? {}).map(([name, stream]) => [name, streamPlan(stream)])),
    ...(text.arrivals !== undefined && {
      arrivals: { commitsPerSecond: text.arrivals.perSecond, poisson: text.arrivals.poisson ?? false },
    }),
    actions: (text.actions ?? []).map(action),
    cost: passCost(text.cost),
    release,
    seed: text.seed ?? DEFAULT_OPTIONS.seed,
    untilUs: text.until === undefined ? undefined : timeUs(text.until),
  };
}

const validate = new Ajv({ allErrors: true, verbose: true }).compile(SCENARIO_SCHEMA);

/** The line of what stands at a path, or of the nearest thing above it that is there. */
function lineOf(document: Document, lines: LineCounter, path: readonly string[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function allowed({ keyword, params, parentSchema, message }: ErrorObject): string {
  const schema = parentSchema as { description?: string; properties?: object } | undefined;
  if (keyword === 'additionalProperties') return `allowed are ${Object.keys(schema?.properties ?? {}).join(', ')}`;
  if (keyword === 'enum') return `allowed are ${(params.allowedValues as unknown[]).join(', ')}`;
  return schema?.description ?? message ?? '';
}

function schemaError(document: Document, lines: LineCounter, name: string): MvccwError {
  // The deepest error says most: those above it follow from it.
  const errors = [...(validate.errors ?? [])].sort((a, b) => b.instancePath.length - a.instancePath.length);
  const error = errors.find(({ keyword }) => keyword === 'additionalProperties') ?? errors[0]!;
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const extra = error.params.additionalProperty as string | undefined;
  const field = [...path, ...(extra === undefined ? [] : [extra])];
  const where = `${name}:${lineOf(document, lines, field)}`;
  const what = extra === undefined ? error.message : 'is not known';
  return new MvccwError('USAGE', `${where}: ${field.join('.') || 'the scenario'} ${what}`, { hint: allowed(error) });
}

/** Reads a scenario; `name` stands in messages. Throws USAGE. */
export function parseScenario(yaml: string, name: string): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false });
  const problem = document.errors[0];
  if (problem !== undefined) {
    throw new MvccwError('USAGE', `${name}:${lines.linePos(problem.pos[0]).line}: ${problem.message}`, {
      hint: 'the file must be YAML',
    });
  }
  const text = document.toJS() as ScenarioText;
  if (!validate(text)) throw schemaError(document, lines, name);
  try {
    const { database, commits } = text.history;
    return {
      about: text.about,
      history: database === undefined ? { commits: transactions(commits ?? []) } : { database },
      baseRev: text.base,
      fromRev: text.from,
      toRev: text.to,
      parameters: parametersOf(text.parameters ?? {}),
      options: optionsOf(text),
    };
  } catch (error) {
    if (!(error instanceof MvccwError)) throw error;
    throw new MvccwError(error.code, `${name}: ${error.message}`, {
      cause: error,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
  }
}
