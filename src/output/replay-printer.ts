// Prints a replay: each response as it comes, and in a table a summary of each watcher at the end.

import type { KeyValue } from '../mvcc/key-value.js';
import type { WatcherSummary } from '../replay/summary.js';
import type { DeliveredEvent, Delivery, TraceEntry } from '../replay/trace.js';
import { watchResponseJson } from './api-json.js';
import { eventFields } from './fields.js';
import { toJson } from './json.js';
import { plural } from './plural.js';
import { quoteGo } from './quote.js';
import type { Style } from './style.js';
import { drawTable } from './table.js';
import { bytesFor } from './text.js';
import { safeName, seconds, traceText } from './trace-text.js';
import { utf8 } from './writer.js';

type OtherEntry = Exclude<TraceEntry, Delivery>;

export interface ReplayPrinter {
  /** A response as a byte string, '' where the format says it all at the end. */
  response(delivery: Delivery): string;
  /** Whatever else happens, for those who ask for the whole trace. */
  other(entry: OtherEntry): string;
  end(summary: readonly WatcherSummary[]): string;
}

/** `233` or `233..367`. */
function revisions(first: number, last: number): string {
  return first === last ? `${first}` : `${first}..${last}`;
}

function firstAndLast(events: readonly DeliveredEvent[]): string {
  if (events.length === 0) return '';
  return revisions(events[0]!.kv.modRevision, events[events.length - 1]!.kv.modRevision);
}

function ending({ compactRevision, group }: WatcherSummary): string {
  return compactRevision === undefined ? (group ?? 'never started') : `compacted at ${compactRevision}`;
}

function simplePrinter({ terminal, colour }: Style): ReplayPrinter {
  const describeKv = (kv: KeyValue): string => `version ${kv.version}, ${plural(kv.value.length, 'byte')}`;

  function eventLine({ type, kv, prevKv }: DeliveredEvent, revisionDigits: number): string {
    const word = type === 'PUT' ? colour.green('PUT   ') : colour.red('DELETE');
    const details = [
      ...(type === 'PUT' ? [describeKv(kv)] : []),
      ...(prevKv === undefined ? [] : [`before: revision ${prevKv.modRevision}, ${describeKv(prevKv)}`]),
    ];
    const key = bytesFor(terminal, kv.key);
    const tail = details.length === 0 ? '' : utf8(colour.dim(`  (${details.join('; ')})`));
    return `  ${utf8(word)} ${String(kv.modRevision).padStart(revisionDigits)}  ${key}${tail}\n`;
  }

  let responses = 0;
  return {
    response(delivery) {
      const { timeUs, watcher, stream, via, revision, compactRevision, events } = delivery;
      responses++;
      const name = utf8(colour.bold(safeName(watcher)));
      const shared = stream === watcher ? '' : ` on ${utf8(safeName(stream))}`;
      const head = `${seconds(timeUs)}  ${name}${shared}  `;
      if (compactRevision > 0) {
        return `${head}${utf8(colour.red('cancel'))}  its next revision is compacted: the window begins at ${compactRevision}\n`;
      }
      const last = events[events.length - 1]?.kv.modRevision ?? 0;
      const revisionWord = events[0]?.kv.modRevision === last ? 'revision' : 'revisions';
      const said = `${via}  ${plural(events.length, 'event')} of ${revisionWord} ${firstAndLast(events)}, the store at ${revision}`;
      return `${head}${said}\n${events.map((event) => eventLine(event, String(last).length)).join('')}`;
    },
    other: (entry) => utf8(`${colour.dim(traceText(entry))}\n`),
    end(summary) {
      const names = summary.map(({ watcher }) => safeName(watcher));
      const nameColumns = Math.max(...names.map((name) => name.length));
      const lines = summary.map((watcher, i) => {
        const counts = `${plural(watcher.events, 'event')} in ${plural(watcher.batches, 'batch', 'batches')}`;
        return utf8(`${colour.bold(names[i]!.padEnd(nameColumns))}  ${counts}, ${ending(watcher)}\n`);
      });
      return `${responses > 0 ? '\n' : ''}${lines.join('')}`;
    },
  };
}

function jsonPrinter(): ReplayPrinter {
  return {
    response(delivery) {
      const { timeUs, watcher, stream, via } = delivery;
      return `${utf8(toJson({ timeUs, watcher, stream, via, response: watchResponseJson(delivery) }))}\n`;
    },
    other: (entry) => `${utf8(toJson(entry.kind === 'commit' ? { ...entry, events: entry.events.length } : entry))}\n`,
    end: () => '',
  };
}

function fieldsPrinter(): ReplayPrinter {
  return {
    response({ timeUs, watcher, stream, via, revision, compactRevision, events }) {
      const head = [
        `"TimeUs" : ${timeUs}`,
        `"Watcher" : ${quoteGo(utf8(watcher))}`,
        `"Stream" : ${quoteGo(utf8(stream))}`,
        `"Via" : "${via}"`,
        `"Revision" : ${revision}`,
        ...(compactRevision > 0 ? [`"CompactRevision" : ${compactRevision}`, '"Canceled" : true'] : []),
      ];
      return `${[...head, ...events.flatMap(eventFields)].join('\n')}\n\n`;
    },
    other: (entry) => utf8(`"Trace" : ${JSON.stringify(traceText(entry))}\n\n`),
    end: () => '',
  };
}

function tablePrinter(): ReplayPrinter {
  const rows: (string | number)[][] = [];
  return {
    response({ timeUs, watcher, stream, via, revision, compactRevision, events }) {
      const what = compactRevision > 0 ? `compacted at ${compactRevision}` : firstAndLast(events);
      rows.push([seconds(timeUs), safeName(watcher), safeName(stream), via, revision || '', events.length, what]);
      return '';
    },
    other: () => '',
    end(summary) {
      const responses = drawTable(['time', 'watcher', 'stream', 'via', 'store at', 'events', 'revisions'], rows);
      const watchers = drawTable(
        [
          'watcher',
          'stream',
          'responses',
          'batches',
          'events',
          'first rev',
          'last rev',
          'synced at',
          'last at',
          'full',
          'end',
        ],
        summary.map((w) => [
          safeName(w.watcher),
          safeName(w.stream),
          w.responses,
          w.batches,
          w.events,
          w.firstRevision ?? '',
          w.lastRevision ?? '',
          w.syncedUs === undefined ? '' : seconds(w.syncedUs),
          w.lastUs === undefined ? '' : seconds(w.lastUs),
          w.timesVictim,
          ending(w),
        ]),
      );
      return `${rows.length > 0 ? responses : ''}${watchers}`;
    },
  };
}

export const REPLAY_PRINTERS: Readonly<Record<string, (style: Style) => ReplayPrinter>> = {
  simple: simplePrinter,
  json: jsonPrinter,
  fields: fieldsPrinter,
  table: tablePrinter,
};
