// Prints the registered watchers, and says that one was added or removed.

import { base64, utf8 } from '../bytes/byte-string.js';
import { quoteGo } from '../bytes/quote.js';
import { toApiEnd } from '../mvcc/key-range.js';
import { formatWatchSpec } from '../requests/format-watch-spec.js';
import type { WatchSpec } from '../requests/watch-spec.js';
import { filterWord } from '../watch/event-filter.js';
import { endText } from './formats/interval-text.js';
import { toJson } from './formats/json.js';
import { drawTable } from './formats/table.js';
import type { Style } from './terminal/style.js';
import { escapeBytes, escapeText } from './terminal/text.js';

/** Prints watchers; each function returns a byte string. */
export interface WatcherPrinter {
  list(specs: readonly WatchSpec[]): string;
  added(spec: WatchSpec): string;
  removed(name: string): string;
}

function toObject({ name, key, end, startRev, filters, prevKv, stream }: WatchSpec): object {
  return {
    name,
    key: base64(key),
    rangeEnd: end === undefined ? undefined : base64(toApiEnd(end)),
    startRev,
    filters: filters.map(filterWord),
    prevKv,
    stream,
  };
}

function toFields({ name, key, end, startRev, filters, prevKv, stream }: WatchSpec): string {
  return [
    `"Name" : ${quoteGo(utf8(name))}`,
    `"Key" : ${quoteGo(key)}`,
    ...(end === undefined ? [] : [`"RangeEnd" : ${quoteGo(toApiEnd(end))}`]),
    ...(startRev === undefined ? [] : [`"StartRev" : ${startRev}`]),
    ...filters.map((filter) => `"Filter" : "${filterWord(filter)}"`),
    `"PrevKv" : ${prevKv}`,
    ...(stream === undefined ? [] : [`"Stream" : ${quoteGo(utf8(stream))}`]),
    '\n',
  ].join('\n');
}

function toTable(specs: readonly WatchSpec[], columns: number | undefined): string {
  return drawTable(
    ['name', 'key', 'range end', 'start rev', 'filters', 'prev kv', 'stream'],
    specs.map(({ name, key, end, startRev, filters, prevKv, stream }) => [
      escapeText(name),
      escapeBytes(key),
      end === undefined ? '' : endText(end),
      startRev ?? '',
      filters.map(filterWord).join(', '),
      String(prevKv),
      stream === undefined ? '' : escapeText(stream),
    ]),
    { columns },
  );
}

const simple: WatcherPrinter = {
  list: (specs) => specs.map((spec) => `${utf8(formatWatchSpec(spec))}\n`).join(''),
  added: ({ name }) => utf8(`Watcher ${escapeText(name)} added\n`),
  removed: (name) => utf8(`Watcher ${escapeText(name)} removed\n`),
};

const json: WatcherPrinter = {
  list: (specs) => utf8(`${toJson(specs.map(toObject))}\n`),
  added: (spec) => utf8(`${toJson(toObject(spec))}\n`),
  removed: (name) => utf8(`${toJson({ name })}\n`),
};

const fields: WatcherPrinter = {
  list: (specs) => specs.map(toFields).join(''),
  added: toFields,
  removed: (name) => `"Name" : ${quoteGo(utf8(name))}\n\n`,
};

const table = ({ columns }: Style): WatcherPrinter => ({
  list: (specs) => toTable(specs, columns),
  added: (spec) => toTable([spec], columns),
  removed: (name) => drawTable(['removed'], [[escapeText(name)]], { columns }),
});

export const WATCHER_PRINTERS: Readonly<Record<string, (style: Style) => WatcherPrinter>> = {
  simple: () => simple,
  json: () => json,
  fields: () => fields,
  table,
};
