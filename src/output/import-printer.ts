// Prints the result of an import.

import { utf8 } from '../bytes/byte-string.js';
import { quoteGo } from '../bytes/quote.js';
import type { ImportResult } from '../storage/import-etcd.js';
import { toJson } from './formats/json.js';
import { drawTable } from './formats/table.js';
import { plural } from './terminal/plural.js';
import type { Style } from './terminal/style.js';
import { escapeText } from './terminal/text.js';

type Printer = (file: string, database: string, result: ImportResult, style: Style) => string;

function rows(file: string, database: string, result: ImportResult): [string, string | number][] {
  return [
    ['File', file],
    ['Database', database],
    ['Records', result.records],
    ['Leases', result.leases],
    ['Revision', result.revision],
    ['CompactRevision', result.compactRevision],
    ['Digest', result.digest],
  ];
}

const simple: Printer = (file, database, { records, leases, revision, compactRevision, digest }) => {
  const window = `${Math.max(compactRevision, 1)} to ${revision}`;
  const checked = digest === 'ok' ? 'its digest is right' : 'it carries no digest';
  const standing = leases > 0 ? ' (no deadlines until they are kept alive)' : '';
  const paths = `${escapeText(file)} into ${escapeText(database)}`;
  return utf8(
    `imported ${paths}: ${plural(records, 'record')}, ${plural(leases, 'lease')}${standing}, revisions ${window}; ${checked}\n`,
  );
};

const json: Printer = (file, database, result) => utf8(`${toJson({ file, database, ...result })}\n`);

const fields: Printer = (file, database, result) =>
  rows(file, database, result)
    .map(([name, value]) => `"${name}" : ${typeof value === 'string' ? quoteGo(utf8(value)) : value}\n`)
    .join('');

const table: Printer = (file, database, result, { columns }) => {
  const all = rows(escapeText(file), escapeText(database), result);
  return drawTable(
    all.map(([name]) => name),
    [all.map(([, value]) => value)],
    { columns },
  );
};

export const IMPORT_PRINTERS: Readonly<Record<string, Printer>> = { simple, json, fields, table };
