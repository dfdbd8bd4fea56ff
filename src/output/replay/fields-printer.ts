// Prints a replay in etcdctl's format "fields".

import { utf8 } from '../../bytes/byte-string.js';
import { quoteGo } from '../../bytes/quote.js';
import { endingOf, type ReplaySummary, type WatcherSummary } from '../../replay/findings/summary.js';
import type { EtcdRelease } from '../../replay/releases/etcd-release.js';
import type { CacheSummary } from '../../replay/run/cache/cache-summary.js';
import type { DeliveredEvent } from '../../replay/run/trace.js';
import { METRICS, type Metric } from '../../replay/run/watch-metrics.js';
import type { ReplayPlan } from '../../replay/scenario/plan.js';
import { eventFields } from '../formats/fields.js';
import type { ValueTeller } from '../kube/value-teller.js';
import type { Detail, ReplayPrinter, ReplayStyle } from './replay-printer.js';
import { traceText } from './trace-text.js';

const field = (name: string, value: number | undefined): string[] =>
  value === undefined ? [] : [`"${name}" : ${value}`];
const textField = (name: string, text: string): string => `"${name}" : ${quoteGo(utf8(text))}`;

const block = (lines: readonly string[]): string => `${lines.join('\n')}\n\n`;

function watcherFields(watcher: WatcherSummary): string[] {
  return [
    textField('Watcher', watcher.watcher),
    textField('Stream', watcher.stream),
    textField('End', endingOf(watcher)),
    ...field('Events', watcher.events),
    ...field('Batches', watcher.batches),
    ...field('Repeated', watcher.repeated),
    ...field('MissingPrevKvs', watcher.missingPrevKvs),
    ...field('Filtered', watcher.filtered),
    ...field('Undelivered', watcher.undelivered),
    ...field('TimesRelisted', watcher.timesRelisted || undefined),
    ...field('SeenAsState', watcher.seenAsState || undefined),
    ...field('Undone', watcher.undone || undefined),
    ...field('WaitsForRev', watcher.waitsForRev),
    ...field('SyncedUs', watcher.syncedUs),
    ...field('MaxLagRevs', watcher.maxLagRevs),
    ...field('MaxDelayUs', watcher.maxDelayUs),
    ...field('TimesVictim', watcher.timesVictim),
  ];
}

function cacheFields({ watcher, revision, oldestRev, capacity, timesRelisted, clients }: CacheSummary): string[][] {
  return [
    [
      textField('Cache', watcher),
      ...field('Revision', revision),
      ...field('OldestRevision', oldestRev),
      ...field('Capacity', capacity),
      ...field('TimesRelisted', timesRelisted),
    ],
    ...clients.map((client) => [
      textField('Cache', watcher),
      textField('Client', client.client),
      ...field('Events', client.events),
      ...field('Bookmarks', client.bookmarks),
      ...field('TimesTerminated', client.timesTerminated),
      ...field('TimesTooOld', client.timesTooOld),
      ...field('SeenAsState', client.seenAsState),
      ...field('Undelivered', client.undelivered),
      ...field('MaxDelayUs', client.maxDelayUs),
    ]),
  ];
}

function endFields({ version }: EtcdRelease, { endUs, currentRev, compactRev, metrics }: ReplaySummary): string[] {
  return [
    textField('Etcd', version),
    ...field('TimeUs', endUs),
    ...field('Revision', currentRev),
    ...field('CompactRevision', compactRev),
    ...(Object.keys(METRICS) as Metric[]).flatMap((metric) => field(METRICS[metric], metrics.atEnd[metric])),
  ];
}

/**
 * Returns an event as etcdctl prints it. Why the record before is missing, which etcdctl does not say, comes after it.
 */
function eventBlock(event: DeliveredEvent, decoding: ValueTeller | undefined): string[] {
  const { atRev, compactRev } = event.missingPrevKv ?? {};
  return [
    ...eventFields(event, decoding),
    ...field('PrevMissingAtRev', atRev),
    ...field('PrevCompactRevision', compactRev),
  ];
}

/** Returns the printer. It prints the summary only when that is asked for, as the JSON printer does. */
export function fieldsPrinter(
  { options: { release } }: ReplayPlan,
  { decoding }: ReplayStyle,
  detail: Detail,
): ReplayPrinter {
  return {
    begin: () => '',
    *response({ timeUs, watcher, stream, via, revision, compactRevision, events }) {
      const head = [
        textField('Etcd', release.version),
        ...field('TimeUs', timeUs),
        textField('Watcher', watcher),
        textField('Stream', stream),
        textField('Via', via),
        ...field('Revision', revision),
        ...(via === 'cancel' ? [...field('CompactRevision', compactRevision), '"Canceled" : true'] : []),
      ];
      yield `${head.join('\n')}\n`;
      for (const event of events) yield `${eventBlock(event, decoding).join('\n')}\n`;
      yield '\n';
    },
    other: (entry) => utf8(`"Trace" : ${JSON.stringify(traceText(entry))}\n\n`),
    end({ summary }) {
      if (detail === 'responses') return '';
      const caches = summary.caches.flatMap(cacheFields);
      return [...summary.watchers.map(watcherFields), ...caches, endFields(release, summary)].map(block).join('');
    },
  };
}
