// A replay's summary as tables: what the watchers were given, how late, and the counters that etcd would show. The first
// two are apart so that they fit a terminal.

import { utf8 } from '../../bytes/byte-string.js';
import type { ReplayReport } from '../../replay/findings/reported-replay.js';
import { endingOf } from '../../replay/findings/summary.js';
import { METRICS, type Metric } from '../../replay/run/watch-metrics.js';
import type { ReplayPlan } from '../../replay/scenario/plan.js';
import { drawTable } from '../formats/table.js';
import { escapeText } from '../terminal/text.js';
import { releaseLine } from './release-text.js';
import type { ReplayPrinter } from './replay-printer.js';
import { seconds } from './trace-text.js';

/** What each watcher was given, and what not. */
function eventsTable({ summary: { watchers } }: ReplayReport): string {
  const shared = watchers.some(({ watcher, stream }) => watcher !== stream);
  const asksBefore = watchers.some(({ missingPrevKvs }) => missingPrevKvs > 0);
  const rows = watchers.map((watcher) => [
    escapeText(watcher.watcher),
    ...(shared ? [escapeText(watcher.stream)] : []),
    endingOf(watcher),
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
  return drawTable(head, rows);
}

/** Lag and delay are the highest; full is how often its stream was, buffer the most responses that ever waited there. */
function latenessTable({ summary }: ReplayReport): string {
  const streams = new Map(summary.streams.map((stream) => [stream.stream, stream]));
  const rows = summary.watchers.map((watcher) => {
    const stream = streams.get(watcher.stream);
    return [
      escapeText(watcher.watcher),
      watcher.syncedUs === undefined ? 'never' : seconds(watcher.syncedUs),
      watcher.maxLagRevs,
      seconds(watcher.maxDelayUs),
      watcher.timesVictim,
      stream === undefined ? '' : `${stream.peakQueued} of ${stream.capacity}`,
    ];
  });
  return drawTable(['watcher', 'synced', 'lag', 'delay', 'full', 'buffer'], rows);
}

function metricsTable({ summary: { metrics } }: ReplayReport): string {
  const rows = (Object.keys(METRICS) as Metric[]).map((metric) => [
    METRICS[metric],
    metrics.atEnd[metric],
    metrics.peak[metric],
  ]);
  return drawTable(['counter', 'at the end', 'peak'], rows);
}

export function tablePrinter({ options: { release } }: ReplayPlan): ReplayPrinter {
  return {
    begin: () => '',
    response: () => [],
    other: () => '',
    end: (report) =>
      `${eventsTable(report)}${latenessTable(report)}${metricsTable(report)}${utf8(releaseLine(release))}\n`,
  };
}
