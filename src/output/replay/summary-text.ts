// Says in words what a replay came to: a line for each watcher, and below it what the watcher lost or saw twice.

import { utf8 } from '../../bytes/byte-string.js';
import type { Exceeded } from '../../replay/findings/limits.js';
import type { ReplayReport } from '../../replay/findings/reported-replay.js';
import { endingOf, type WatcherSummary } from '../../replay/findings/summary.js';
import type { Trouble } from '../../replay/findings/trouble.js';
import type { Account } from '../../replay/guarantees/guarantees.js';
import type { EtcdRelease } from '../../replay/releases/etcd-release.js';
import type { DeliveredEvent } from '../../replay/run/trace.js';
import { eventNameText } from '../formats/event-name-text.js';
import { approximateBytes } from '../status-printer.js';
import { fill } from '../terminal/fill.js';
import { plural } from '../terminal/plural.js';
import { escapeText } from '../terminal/text.js';
import { padText, widestOf } from '../terminal/width.js';
import { cacheLines, times } from './cache-text.js';
import { releaseLine } from './release-text.js';
import type { ReplayStyle } from './replay-printer.js';
import { seconds, type TimeText, timeTextOf } from './time-text.js';

/** Returns for example `233` or `233..367`, and '' without events. */
export function revisionsOf(events: readonly DeliveredEvent[]): string {
  if (events.length === 0) return '';
  const [first, last] = [events[0]!.kv.modRevision, events[events.length - 1]!.kv.modRevision];
  return first === last ? `${first}` : `${first}..${last}`;
}

const MAX_NAMES = 6;

/** Returns for example `lost 12 events: /a@3, /a@4, and 10 more`. */
function accountText(what: string, { count, first }: Account): string {
  const shown = first.slice(0, MAX_NAMES);
  const names = shown.map(({ key, revision }) => eventNameText(key, revision)).join(', ');
  const rest = count > shown.length ? `, and ${count - shown.length} more` : '';
  return `${what} ${plural(count, 'event')}: ${names}${rest}`;
}

/** Returns what is worth saying beside the number of events; each remark is a clause. */
function remarks(watcher: WatcherSummary): string[] {
  const {
    maxLagRevs,
    maxDelayUs,
    timesResumed,
    timesRelisted,
    repeated,
    missingPrevKvs,
    filtered,
    undone,
    undelivered,
    waitsForRev,
    largeMessages,
    maxMessageBytes,
  } = watcher;
  const delay = maxDelayUs > 0 ? ` and ${seconds(maxDelayUs)}` : '';
  return [
    ...(maxLagRevs > 0 ? [`at most ${plural(maxLagRevs, 'revision')}${delay} behind`] : []),
    ...(timesResumed > 0 ? [`its client resumed ${times(timesResumed)}`] : []),
    ...(timesRelisted > 0
      ? [`compacted, its client listed again ${times(timesRelisted)}; ${watcher.seenAsState} seen only as state`]
      : []),
    ...(repeated > 0 ? [`${repeated} came again`] : []),
    ...(missingPrevKvs > 0 ? [`${missingPrevKvs} without the record before, which is compacted`] : []),
    ...(filtered > 0 ? [`${filtered} filtered`] : []),
    ...(undone > 0 ? [`${undone} taken back by a restore`] : []),
    ...(undelivered > 0 ? [`${undelivered} not delivered`] : []),
    ...(largeMessages > 0
      ? [
          `${plural(largeMessages, 'message')} above the 4 MiB of most gRPC clients, ${approximateBytes(maxMessageBytes)} at most`,
        ]
      : []),
    ...(waitsForRev === undefined
      ? []
      : [`it waits for revision ${waitsForRev}, and what is written before that never comes (etcd issue 16028)`]),
  ];
}

/** Less than this is not worth a line. */
const NOTED_BYTES = 1_000_000;

/** Returns a line about what pending events held, if that was much. */
function memoryLines({ memory: { peakBytes, peakUs }, streams }: ReplayReport['summary'], at: TimeText): string[] {
  if (peakBytes < NOTED_BYTES) return [];
  const most = streams.reduce((a, b) => (b.peakBytes > a.peakBytes ? b : a));
  const where =
    most.peakBytes < NOTED_BYTES ? '' : `; stream ${escapeText(most.stream)} ${approximateBytes(most.peakBytes)}`;
  return [`Pending events held ${approximateBytes(peakBytes)} at most, at ${at(peakUs)}${where}`];
}

/** Returns a text of one line, for stderr. */
export function troubleText(trouble: Trouble, at: TimeText = seconds): string {
  return 'violation' in trouble
    ? `Broken guarantee: ${trouble.violation.message}`
    : `Exceeded limit: ${exceededText(trouble.exceeded, at)}`;
}

function exceededText(
  { watcher, client, limit, allowed, found, event, revision, timeUs = 0 }: Exceeded,
  at: TimeText,
): string {
  if (client !== undefined) {
    return `client ${escapeText(client)} of the cache of ${escapeText(watcher)} was given revision ${revision} ${seconds(found)} late, or not at all; the limit is ${seconds(allowed)}`;
  }
  if (event === undefined) {
    return `pending events held ${found} bytes at ${at(timeUs)}; the limit is ${allowed}`;
  }
  const name = `watcher ${escapeText(watcher)}`;
  const waited = eventNameText(event.key, event.revision);
  if (limit === 'delayUs') {
    return `${name} was given ${waited} ${seconds(found)} late, or not at all; the limit is ${seconds(allowed)}`;
  }
  return `${name} was ${plural(found, 'revision')} behind, waiting for ${waited}; the limit is ${allowed}`;
}

/** Returns the lines of the summary as a byte string. */
export function summaryLines(
  { summary, checked }: ReplayReport,
  release: EtcdRelease,
  { colour, columns, clock }: Pick<ReplayStyle, 'colour' | 'columns' | 'clock'>,
): string {
  const names = summary.watchers.map(({ watcher }) => escapeText(watcher));
  const nameColumns = widestOf(names);
  // Beside a very long name there is too little room to fill lines.
  const width = columns !== undefined && nameColumns < columns / 2 ? columns : undefined;
  const lines = summary.watchers.flatMap((watcher, i) => {
    const counts = `${plural(watcher.events, 'event')} in ${plural(watcher.batches, 'batch', 'batches')}`;
    const name = padText(names[i]!, nameColumns);
    const line = [`${name}  ${counts}, ${endingOf(watcher)}`, ...remarks(watcher)].join('; ');
    const ledger = checked.ledgers.get(watcher.watcher);
    const accounts = [
      ...(ledger !== undefined && ledger.lost.count > 0 ? [accountText('lost', ledger.lost)] : []),
      ...(ledger !== undefined && ledger.twice.count > 0 ? [accountText('saw twice', ledger.twice)] : []),
    ];
    return [
      colour.bold(name) + fill(line, width, nameColumns + 2).slice(name.length),
      ...accounts.map((account) => colour.red(fill(`${' '.repeat(nameColumns)}  ${account}`, width, nameColumns + 2))),
    ];
  });
  const caches = cacheLines(summary.caches).map((line) => fill(line, columns, 4));
  const all = [...lines, ...caches, ...memoryLines(summary, timeTextOf(clock)), releaseLine(release)];
  return utf8(all.map((line) => `${line}\n`).join(''));
}
