// Prints what was loaded from a dump.

import { utf8 } from '../bytes/byte-string.js';
import { quoteGo } from '../bytes/quote.js';
import type { LoadResult } from '../storage/load-dump.js';
import { toJson } from './formats/json.js';
import { drawTable } from './formats/table.js';
import { plural } from './terminal/plural.js';
import type { Style } from './terminal/style.js';
import { escapeText } from './terminal/text.js';

type Printer = (database: string, result: LoadResult, style: Style) => string;

function rows(database: string, result: LoadResult): [string, string | number][] {
  return [
    ['From', result.from],
    ['Database', database],
    ['Records', result.records],
    ['Leases', result.leases],
    ['Watchers', result.watchers],
    ['Revision', result.currentRev],
    ['CompactRevision', result.compactRev],
    ['Hash', result.hash],
  ];
}

const simple: Printer = (database, { from, records, leases, watchers, currentRev, compactRev, hash }) => {
  const counts = [plural(records, 'record'), plural(leases, 'lease'), plural(watchers, 'watcher')].join(', ');
  const window = `${Math.max(compactRev, 1)} to ${currentRev}`;
  const paths = `the dump of ${escapeText(from)} into ${escapeText(database)}`;
  return utf8(`loaded ${paths}: ${counts}, revisions ${window}; its hash is right: ${hash}\n`);
};

const json: Printer = (database, result) => utf8(`${toJson({ database, ...result })}\n`);

const fields: Printer = (database, result) =>
  rows(database, result)
    .map(([name, value]) => `"${name}" : ${typeof value === 'string' ? quoteGo(utf8(value)) : value}\n`)
    .join('');

const table: Printer = (database, result, { columns }) => {
  const all = rows(escapeText(database), { ...result, from: escapeText(result.from) });
  return drawTable(
    all.map(([name]) => name),
    [all.map(([, value]) => value)],
    { columns },
  );
};

export const LOAD_PRINTERS: Readonly<Record<string, Printer>> = { simple, json, fields, table };
