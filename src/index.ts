// The library: replays scenarios and histories from a program, a controller's own tests for example, without the command
// line. Its types are plain data; what the inner modules use stays inside.

import { drain } from './adt/drain.js';
import { fromUtf8 } from './bytes/byte-string.js';
import { MvccwError } from './errors.js';
import type { KeyValue } from './mvcc/key-value.js';
import { explanationText } from './output/replay/explanation-text.js';
import { troubleText } from './output/replay/summary-text.js';
import { explainEvent } from './replay/findings/explain.js';
import { reportedReplay } from './replay/findings/reported-replay.js';
import { endingOf } from './replay/findings/summary.js';
import type { Trouble } from './replay/findings/trouble.js';
import { parseEventName } from './replay/run/event-name.js';
import type { Delivery } from './replay/run/trace.js';
import { parseScenario } from './replay/scenario/parse-scenario.js';
import { planReplay, type ReplayPlan } from './replay/scenario/plan.js';
import type { ScenarioText } from './replay/scenario/scenario-text.js';
import type { ReplaySource } from './replay/scenario/scripted-source.js';
import { apiserverSource } from './storage/open-watchers.js';
import { withReplaySource } from './storage/replay-source.js';
import { readScenario as readScenarioFile } from './storage/scenario-file.js';

export { type ErrorCode, MvccwError } from './errors.js';

/** A scenario as its file has it: plain data. `mvccw help scenarios` and `mvccw schema scenario` describe the fields. */
export type Scenario = ScenarioText;

/** A scenario without its history: who watches, and under which conditions. */
export type Conditions = Omit<Scenario, 'history'>;

/** A key with its value, as etcd stores it. */
export interface KeyRecord {
  /** The key as text; bytes that are not UTF-8 become U+FFFD. */
  readonly key: string;
  /** The exact bytes of the key. */
  readonly keyBytes: Buffer;
  /** Empty in a delete. */
  readonly value: Buffer;
  /** The revision of the write that made this record. */
  readonly modRevision: number;
  /** The revision of the put that created the key; 0 in a delete. */
  readonly createRevision: number;
  /** Counts the puts since the key was created; 0 in a delete. */
  readonly version: number;
  /** The id of the lease; 0n without one. */
  readonly lease: bigint;
}

/** A record that compaction had taken when it was looked up. */
export interface MissingRecord {
  /** The revision at which the record was looked up. */
  readonly atRev: number;
  /** Where the window began at that moment. */
  readonly compactRev: number;
}

export interface WatchedEvent extends KeyRecord {
  readonly type: 'PUT' | 'DELETE';
  /** The record before, when the watcher asks for it (prevKv) and compaction has left it. */
  readonly previous: KeyRecord | undefined;
  /** Says why there is no `previous` although the watcher asks for it: compaction had taken the record before. */
  readonly previousMissing: MissingRecord | undefined;
}

/** A response, as its consumer takes it. All times are virtual, in µs since the replay began. */
export interface WatchResponse {
  readonly timeUs: number;
  /** The time when the response was put into the stream. */
  readonly sentUs: number;
  /** The name of the watcher; '*' when the response speaks for all watchers of the stream. */
  readonly watcher: string;
  readonly stream: string;
  /** What caused the response: a write, a sync pass, a later try after a full stream, a cancel, or progress. */
  readonly via: string;
  /** The revision of the store in the response's header. */
  readonly revision: number;
  /** In a cancel, the compact revision that ended the watcher; else 0. */
  readonly compactRevision: number;
  readonly events: readonly WatchedEvent[];
}

/** What a watcher came to. */
export interface WatcherResult {
  readonly watcher: string;
  /** 'synced', 'unsynced', 'victim', 'cancelled', 'never started', or 'compacted at N'. */
  readonly end: string;
  readonly events: number;
  /** The number of responses with events. */
  readonly batches: number;
  /** The number of events that the watcher should have been given, and was not. */
  readonly undelivered: number;
  /** The number of events of a revision that the watcher was given before. */
  readonly repeated: number;
  /** The farthest that the watcher was behind the store, in revisions. */
  readonly maxLagRevs: number;
  /** The longest that an event took from its commit to the consumer, in µs. */
  readonly maxDelayUs: number;
}

/** A broken guarantee, or an exceeded limit. */
export interface Problem {
  /** The name of the guarantee (`mvccw help guarantees`), or 'lag', 'delay' or 'memory'. */
  readonly rule: string;
  /** The name of the watcher; `*` for the memory that all of them take. */
  readonly watcher: string;
  /** The problem in one line, as mvccw prints it. */
  readonly message: string;
}

export interface ReplayResult {
  /** The release of etcd that was replayed. */
  readonly etcd: string;
  /** All responses in the order in which they were taken. */
  readonly responses: readonly WatchResponse[];
  readonly watchers: readonly WatcherResult[];
  /** Empty when every guarantee holds and no limit is exceeded. Of each kind only the first ones are kept. */
  readonly problems: readonly Problem[];
  /** What is likely not meant, though it is no error, and what may be missing from a damaged file. */
  readonly hints: readonly string[];
}

/** The life of an event for one watcher. */
export interface EventStory {
  readonly watcher: string;
  /** Whether the watcher was given the event. */
  readonly delivered: boolean;
  /** The story, a sentence each. */
  readonly sentences: readonly string[];
}

/** An open history. Replays do not change it, and each begins anew. */
export interface History {
  /** The oldest revision that can be read is this one, or 1 when nothing was compacted. */
  readonly compactRev: number;
  /** The newest revision. */
  readonly currentRev: number;
  /** Replays watchers over the history, and checks the guarantees of a watch. Throws MvccwError. */
  replay(conditions?: Conditions): ReplayResult;
  /** Tells the life of the event `KEY@REVISION` for each watcher, or for the one of that name. Throws MvccwError. */
  explain(event: string, conditions?: Conditions, watcher?: string): readonly EventStory[];
  /** Closes the file. A history can be closed twice. */
  close(): void;
}

/** Reads a scenario file; the path of its database becomes absolute. Throws MvccwError, which names the line. */
export function readScenario(path: string): Scenario {
  return readScenarioFile(path).text;
}

/** Opens a database of mvccw, or an etcd file (db or snapshot), which is only read. Throws MvccwError. */
export function openHistory(path: string): Promise<History> {
  return open({ database: path });
}

/** Replays a scenario, and checks the guarantees of a watch and the scenario's limits. Throws MvccwError. */
export function replay(scenario: Scenario): Promise<ReplayResult> {
  return withHistory(scenario, (history, conditions) => history.replay(conditions));
}

/** Tells the life of the event `KEY@REVISION` for each watcher, or for the one of that name. Throws MvccwError. */
export function explain(scenario: Scenario, event: string, watcher?: string): Promise<readonly EventStory[]> {
  return withHistory(scenario, (history, conditions) => history.explain(event, conditions, watcher));
}

async function withHistory<T>(
  { history, ...conditions }: Scenario,
  body: (history: History, conditions: Conditions) => T,
): Promise<T> {
  const opened = await open(history, conditions);
  try {
    return body(opened, conditions);
  } finally {
    opened.close();
  }
}

/** JSON is YAML: what a program gives is checked as a file is. */
function checked(scenario: Scenario) {
  return parseScenario(JSON.stringify(scenario, undefined, 1), 'scenario');
}

function open(
  history: Scenario['history'],
  { arrivals = { perSecond: 1 }, watchersFrom = [], etcdPrefix }: Partial<Scenario> = {},
): Promise<History> {
  return new Promise((resolve, reject) => {
    const body = (source: ReplaySource) => new Promise<void>((close) => resolve(historyOf(source, close)));
    try {
      const scenario = checked({ history, arrivals, watchersFrom, ...(etcdPrefix !== undefined && { etcdPrefix }) });
      const { history: opened, options } = scenario;
      withReplaySource(opened, body, {
        clock: options.arrivals?.clock,
        watchers: apiserverSource(scenario),
      }).catch(reject);
    } catch (error) {
      reject(error);
    }
  });
}

function historyOf(source: ReplaySource, close: () => void): History {
  const planFor = (conditions: Conditions): ReplayPlan => {
    if ('history' in conditions) {
      throw new MvccwError('USAGE', 'an open history takes a scenario without a history of its own');
    }
    const scenario = checked({ history: { commits: [] }, ...conditions });
    return planReplay(source, { scenario, watch: [] });
  };
  return {
    compactRev: source.state.compactRev,
    currentRev: source.state.currentRev,
    replay: (conditions = {}) => play(source, planFor(conditions)),
    explain(text, conditions = {}, watcher) {
      const event = parseEventName(text);
      const plan = planFor(conditions);
      return explainEvent(source.open(plan), plan.options, event, watcher).map(({ watcher: name, parts }) => ({
        watcher: name,
        delivered: parts.some(({ says }) => says === 'delivered'),
        sentences: parts.map((part) => explanationText(part, event)),
      }));
    },
    close,
  };
}

function play(source: ReplaySource, plan: ReplayPlan): ReplayResult {
  const responses: WatchResponse[] = [];
  const { summary, troubles } = drain(reportedReplay(source.open(plan), plan.options), (entry) => {
    if (entry.kind === 'response') responses.push(responseOf(entry));
  });
  return {
    etcd: plan.options.release.version,
    responses,
    watchers: summary.watchers.map((watcher) => ({
      watcher: watcher.watcher,
      end: endingOf(watcher),
      events: watcher.events,
      batches: watcher.batches,
      undelivered: watcher.undelivered,
      repeated: watcher.repeated,
      maxLagRevs: watcher.maxLagRevs,
      maxDelayUs: watcher.maxDelayUs,
    })),
    problems: troubles.map(problemOf),
    hints: [...(source.remarks?.() ?? []), ...plan.hints],
  };
}

const LIMIT_NAMES = { lagRevs: 'lag', delayUs: 'delay', memoryBytes: 'memory' } as const;

function problemOf(trouble: Trouble): Problem {
  const message = troubleText(trouble);
  if ('violation' in trouble) return { rule: trouble.rule, watcher: trouble.violation.watcher, message };
  return { rule: LIMIT_NAMES[trouble.rule], watcher: trouble.exceeded.watcher, message };
}

function responseOf({ timeUs, sentUs, watcher, stream, via, revision, compactRevision, events }: Delivery) {
  return {
    timeUs,
    sentUs,
    watcher,
    stream,
    via,
    revision,
    compactRevision,
    events: events.map(({ type, kv, prevKv, missingPrevKv }) => ({
      type,
      ...recordOf(kv),
      previous: prevKv === undefined ? undefined : recordOf(prevKv),
      previousMissing: missingPrevKv,
    })),
  };
}

function recordOf({ key, value, modRevision, createRevision, version, lease }: KeyValue): KeyRecord {
  return {
    key: fromUtf8(key),
    keyBytes: Buffer.from(key, 'latin1'),
    value,
    modRevision,
    createRevision,
    version,
    lease,
  };
}
