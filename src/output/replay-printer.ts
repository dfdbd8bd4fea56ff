// Prints a replay: each response as it comes, and in a table a summary of each watcher at the end.

import type { KeyValue } from '../mvcc/key-value.js';
import type { WatcherSummary } from '../replay/summary.js';
import type { DeliveredEvent, Delivery } from '../replay/trace.js';
import { watchResponseJson } from './api-json.js';
import { eventFields } from './fields.js';
import { toJson } from './json.js';
import { plural } from './plural.js';
import { quoteGo } from './quote.js';
import type { Style } from './style.js';
import { drawTable } from './table.js';
import { bytesFor, escapeBytes } from './text.js';
import { utf8 } from './writer.js';

export interface ReplayPrinter {
  /** A response as a byte string, '' where the format says it all at the end. */
  response(delivery: Delivery): string;
  end(summary: readonly WatcherSummary[]): string;
}

/** µs as seconds, exact. */
function seconds(timeUs: number): string {
  return `${(timeUs / 1e6).toFixed(6).replace(/0{0,3}$/, '')}s`;
}

/** `233` or `233..367`. */
function revisions(first: number, last: number): string {
  return first === last ? `${first}` : `${first}..${last}`;
}

function firstAndLast(events: readonly DeliveredEvent[]): string {
  if (events.length === 0) return '';
  return revisions(events[0]!.kv.modRevision, events[events.length - 1]!.kv.modRevision);
}

function ending({ compactRevision }: Pick<WatcherSummary, 'compactRevision'>): string {
  return compactRevision === undefined ? 'synced' : `compacted at ${compactRevision}`;
}

/** A name from the command line, safe to draw. */
function nameText(name: string): string {
  return escapeBytes(utf8(name));
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
      const name = utf8(colour.bold(nameText(watcher)));
      const shared = stream === watcher ? '' : ` on ${utf8(nameText(stream))}`;
      const head = `${seconds(timeUs)}  ${name}${shared}  `;
      if (compactRevision > 0) {
        return `${head}${utf8(colour.red('cancel'))}  its next revision is compacted: the window begins at ${compactRevision}\n`;
      }
      const last = events[events.length - 1]?.kv.modRevision ?? 0;
      const revisionWord = events[0]?.kv.modRevision === last ? 'revision' : 'revisions';
      const said = `${via}  ${plural(events.length, 'event')} of ${revisionWord} ${firstAndLast(events)}, the store at ${revision}`;
      return `${head}${said}\n${events.map((event) => eventLine(event, String(last).length)).join('')}`;
    },
    end(summary) {
      const names = summary.map(({ watcher }) => nameText(watcher));
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
    end: () => '',
  };
}

function tablePrinter(): ReplayPrinter {
  const rows: (string | number)[][] = [];
  return {
    response({ timeUs, watcher, stream, via, revision, compactRevision, events }) {
      const what = compactRevision > 0 ? `compacted at ${compactRevision}` : firstAndLast(events);
      rows.push([seconds(timeUs), nameText(watcher), nameText(stream), via, revision || '', events.length, what]);
      return '';
    },
    end(summary) {
      const responses = drawTable(['time', 'watcher', 'stream', 'via', 'store at', 'events', 'revisions'], rows);
      const watchers = drawTable(
        ['watcher', 'stream', 'responses', 'batches', 'events', 'first rev', 'last rev', 'last at', 'end'],
        summary.map((w) => [
          nameText(w.watcher),
          nameText(w.stream),
          w.responses,
          w.batches,
          w.events,
          w.firstRevision ?? '',
          w.lastRevision ?? '',
          w.lastUs === undefined ? '' : seconds(w.lastUs),
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
