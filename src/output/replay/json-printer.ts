// Prints a replay for machines: each line is an object with its kind. src/output/replay/json-schema.ts describes them.

import { base64 } from '../../bytes/byte-string.js';
import type { Provenance } from '../../inspect/blame/provenance.js';
import type { ReplaySummary, WatcherSummary } from '../../replay/findings/summary.js';
import type { Account, Violation } from '../../replay/guarantees/guarantees.js';
import type { CacheSummary } from '../../replay/run/cache/cache-summary.js';
import { allWatchers } from '../../replay/run/replay-options.js';
import type { DeliveredEvent, Delivery, TraceEntry } from '../../replay/run/trace.js';
import { METRICS, type Metric, type MetricValues } from '../../replay/run/watch-metrics.js';
import type { ReplayPlan } from '../../replay/scenario/plan.js';
import { streamOf, type WatchSpec } from '../../requests/watch-spec.js';
import { eventJson, eventNameJson, exceededJson, watchResponsePieces } from '../formats/api-json.js';
import { revisionJson } from '../origin.js';
import { jsonLine, jsonLineWith } from './json-line.js';
import type { Detail, ReplayPrinter, ReplayStyle } from './replay-printer.js';
import { timeJson } from './time-text.js';

const account = ({ count, first }: Account): object => ({
  count,
  first: first.map(eventNameJson),
});
const NOTHING: Account = { count: 0, first: [] };

const etcdNames = (values: MetricValues): object =>
  Object.fromEntries((Object.keys(METRICS) as Metric[]).map((metric) => [METRICS[metric], values[metric]]));

function traceJson(
  entry: Exclude<TraceEntry, Delivery>,
  { decoding, provenance }: Pick<ReplayStyle, 'decoding' | 'provenance'>,
): object | undefined {
  // The summary has an end entry of its own.
  if (entry.kind === 'end') return undefined;
  return entry.kind === 'commit'
    ? {
        ...entry,
        events: entry.events.map((event) => eventJson(event, decoding)),
        ...revisionJson(entry.revision, provenance),
      }
    : entry;
}

function watcherJson(
  { timeline, maxLagEvent, maxDelayEvent, ...watcher }: WatcherSummary,
  stepUs: number,
  lost: Account,
  twice: Account,
): object {
  return {
    kind: 'watcher',
    ...watcher,
    maxLagEvent: maxLagEvent && eventNameJson(maxLagEvent),
    maxDelayEvent: maxDelayEvent && eventNameJson(maxDelayEvent),
    lost: account(lost),
    twice: account(twice),
    lag: { stepUs, revs: timeline.map(({ lagRevs }) => lagRevs) },
  };
}

/** Returns what a watcher asks for, as `mvccw verify` reads it. */
function requestJson(spec: WatchSpec, replayFromRev: number): object {
  const { name: watcher, key, end, startRev = replayFromRev, filters, prevKv } = spec;
  const range = { key: base64(key), rangeEnd: end === undefined ? undefined : base64(end) };
  return { kind: 'request', watcher, stream: streamOf(spec), ...range, startRev, filters, prevKv };
}

const violationJson = ({ key, ...violation }: Violation): object => ({
  kind: 'violation',
  ...violation,
  ...(key !== undefined && { key: base64(key) }),
});

const cacheJson = (cache: CacheSummary): object => ({ kind: 'cache', ...cache });

function endJson(etcd: string, { endUs, currentRev, compactRev, streams, metrics, memory }: ReplaySummary): object {
  const { atEnd, peak } = metrics;
  return {
    kind: 'end',
    etcd,
    timeUs: endUs,
    currentRev,
    compactRev,
    streams,
    memory,
    metrics: { atEnd: etcdNames(atEnd), peak: etcdNames(peak) },
  };
}

/**
 * Returns the events whose record before is missing, which the response does not say; undefined when there are none.
 */
function missingPrevKvsJson(events: readonly DeliveredEvent[]): object[] | undefined {
  const missing = events.flatMap(({ kv, missingPrevKv }, event) =>
    missingPrevKv === undefined ? [] : [{ event, key: base64(kv.key), revision: kv.modRevision, ...missingPrevKv }],
  );
  return missing.length === 0 ? undefined : missing;
}

/** Returns where the revisions of a response come from, which it does not say; undefined if nothing is known of any. */
function originsJson(events: readonly DeliveredEvent[], provenance: Provenance | undefined): object[] | undefined {
  if (!provenance?.hasLog) return undefined;
  const revisions = [...new Set(events.map(({ kv }) => kv.modRevision))];
  const told = revisions.map((revision) => ({ revision, ...revisionJson(revision, provenance) }));
  return told.length === 0 ? undefined : told;
}

/** Returns the printer. By default it prints only responses, so that the lines are read like those of etcdctl watch. */
export function jsonPrinter(
  { baseRev, toRev, options }: ReplayPlan,
  { decoding, provenance, clock }: ReplayStyle,
  detail: Detail,
): ReplayPrinter {
  const { release, seed, parameters } = options;
  const etcd = release.version;
  return {
    begin() {
      if (detail === 'responses') return '';
      const first = { kind: 'replay', etcd, seed, baseRev, toRev, parameters, startTime: timeJson(clock, 0) };
      if (detail === 'summary') return jsonLine(first);
      return [first, ...allWatchers(options).map((spec) => requestJson(spec, options.fromRev))].map(jsonLine).join('');
    },
    *response(delivery) {
      const { timeUs, sentUs, watcher, stream, via, events, messages, bytes } = delivery;
      const time = timeJson(clock, timeUs);
      const line = { kind: 'response', etcd, timeUs, time, sentUs, watcher, stream, via };
      yield* jsonLineWith(line, 'response', watchResponsePieces(delivery, decoding), {
        missingPrevKvs: missingPrevKvsJson(events),
        origins: originsJson(events, provenance),
        messages: messages > 1 ? messages : undefined,
        bytes: events.length > 0 ? bytes : undefined,
      });
    },
    other(entry) {
      const object = traceJson(entry, { decoding, provenance });
      return object === undefined ? '' : jsonLine({ ...object, time: timeJson(clock, entry.timeUs) });
    },
    end({ summary, checked, exceeded }) {
      if (detail === 'responses') return '';
      const watchers = summary.watchers.map((watcher) => {
        const { lost = NOTHING, twice = NOTHING } = checked.ledgers.get(watcher.watcher) ?? {};
        return watcherJson(watcher, summary.stepUs, lost, twice);
      });
      const late = exceeded.map((limit) => ({ kind: 'exceeded', ...exceededJson(limit) }));
      return [
        ...checked.violations.map(violationJson),
        ...late,
        ...watchers,
        ...summary.caches.map(cacheJson),
        endJson(etcd, summary),
      ]
        .map(jsonLine)
        .join('');
    },
  };
}
