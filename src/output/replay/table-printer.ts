// Prints a replay's summary as tables: what the watchers were given, how late they were, and the counters that etcd
// would show. The first two are separate, so that they fit a terminal.

import { utf8 } from '../../bytes/byte-string.js';
import type { ReplayReport } from '../../replay/findings/reported-replay.js';
import { endingOf } from '../../replay/findings/summary.js';
import { METRICS, type Metric } from '../../replay/run/watch-metrics.js';
import type { ReplayPlan } from '../../replay/scenario/plan.js';
import { drawTable } from '../formats/table.js';
import { approximateBytes } from '../status-printer.js';
import { escapeText } from '../terminal/text.js';
import { releaseLine } from './release-text.js';
import type { ReplayPrinter, ReplayStyle } from './replay-printer.js';
import { seconds, type TimeText, timeTextOf } from './time-text.js';

/** Returns a table of what each watcher was given, and what it was not given. */
function eventsTable({ summary: { watchers } }: ReplayReport, columns: number | undefined): string {
  const shared = watchers.some(({ watcher, stream }) => watcher !== stream);
  const asksBefore = watchers.some(({ missingPrevKvs }) => missingPrevKvs > 0);
  const rows = watchers.map((watcher) => [
    escapeText(watcher.watcher),
    ...(shared ? [escapeText(watcher.stream)] : []),
    { whole: endingOf(watcher) },
    watcher.events,
    watcher.batches,
    watcher.repeated,
    ...(asksBefore ? [watcher.missingPrevKvs] : []),
    watcher.filtered,
    watcher.undelivered,
  ]);
  const head = [
    'watcher',
    ...(shared ? ['stream'] : []),
    'end',
    'events',
    'batches',
    'again',
    ...(asksBefore ? ['no before'] : []),
    'filtered',
    'missing',
  ];
  return drawTable(head, rows, { columns });
}

/**
 * Returns a table of how late each watcher was. Lag, delay, buffer, memory and message are the highest; full counts when
 * its stream was full.
 */
function latenessTable({ summary }: ReplayReport, columns: number | undefined, at: TimeText): string {
  const streams = new Map(summary.streams.map((stream) => [stream.stream, stream]));
  const rows = summary.watchers.map((watcher) => {
    const stream = streams.get(watcher.stream);
    return [
      escapeText(watcher.watcher),
      watcher.syncedUs === undefined ? 'never' : at(watcher.syncedUs),
      watcher.maxLagRevs,
      seconds(watcher.maxDelayUs),
      watcher.timesVictim,
      stream === undefined ? '' : `${stream.peakQueued} of ${stream.capacity}`,
      stream === undefined ? '' : approximateBytes(stream.peakBytes),
      approximateBytes(watcher.maxMessageBytes),
    ];
  });
  return drawTable(['watcher', 'synced', 'lag', 'delay', 'full', 'buffer', 'memory', 'message'], rows, { columns });
}

/** The beginning of all counters' names, and how wide a terminal must be for it. */
const COMMON_PREFIX = 'etcd_debugging_mvcc_';
const METRICS_TABLE_COLUMNS = 80;

function metricsTable({ summary: { metrics } }: ReplayReport, columns: number | undefined): string {
  const isNarrow = columns !== undefined && columns < METRICS_TABLE_COLUMNS;
  const rows = (Object.keys(METRICS) as Metric[]).map((metric) => [
    isNarrow ? METRICS[metric].replace(COMMON_PREFIX, '…') : METRICS[metric],
    metrics.atEnd[metric],
    metrics.peak[metric],
  ]);
  return drawTable(['counter', 'at the end', 'peak'], rows, { columns });
}

/** Returns a table of the clients of apiservers' watch caches; empty without any. */
function cachesTable({ summary: { caches } }: ReplayReport, columns: number | undefined): string {
  const rows = caches.flatMap(({ watcher, clients }) =>
    clients.map((client) => [
      escapeText(watcher),
      escapeText(client.client),
      client.events,
      client.timesTerminated,
      client.timesTooOld,
      client.seenAsState,
      client.undelivered,
      seconds(client.maxDelayUs),
    ]),
  );
  const head = ['cache', 'client', 'events', 'cut off', 'too old', 'as state', 'missing', 'delay'];
  return rows.length === 0 ? '' : drawTable(head, rows, { columns });
}

export function tablePrinter({ options: { release } }: ReplayPlan, { columns, clock }: ReplayStyle): ReplayPrinter {
  return {
    begin: () => '',
    response: () => [],
    other: () => '',
    end: (report) =>
      `${eventsTable(report, columns)}${latenessTable(report, columns, timeTextOf(clock))}${cachesTable(report, columns)}${metricsTable(report, columns)}${utf8(releaseLine(release))}\n`,
  };
}
