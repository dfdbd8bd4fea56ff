// Prints the result of an export.

import { utf8 } from '../bytes/byte-string.js';
import { quoteGo } from '../bytes/quote.js';
import type { ExportResult } from '../storage/export-etcd.js';
import { inspectionLine } from './formats/inspection-line.js';
import { drawTable } from './formats/table.js';
import { plural } from './terminal/plural.js';
import type { Style } from './terminal/style.js';
import { escapeText } from './terminal/text.js';

type Printer = (file: string, database: string, result: ExportResult, style: Style) => string;

function rows(file: string, database: string, result: ExportResult): [string, string | number][] {
  return [
    ['File', file],
    ['Database', database],
    ['Revision', result.revision],
    ['CompactRevision', result.compactRevision],
    ['Records', result.records],
    ['Leases', result.leases],
    ['GrantedLeases', result.grantedLeases],
    ['KeysOfGrantedLeases', result.keysOfGrantedLeases],
    ['SizeBytes', result.sizeBytes],
    ['SHA256', result.sha256],
  ];
}

const simple: Printer = (file, database, { records, leases, revision, compactRevision, sizeBytes }) => {
  const window =
    revision === compactRevision
      ? `as of revision ${revision}`
      : `revisions ${Math.max(compactRevision, 1)} to ${revision}`;
  const paths = `${escapeText(database)} to ${escapeText(file)}`;
  return utf8(
    `exported ${paths}: ${plural(records, 'record')}, ${plural(leases, 'lease')}, ${window}; ${sizeBytes} bytes with the digest\n`,
  );
};

const json: Printer = (file, database, result) => inspectionLine('export', { file, database, ...result });

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

export const EXPORT_PRINTERS: Readonly<Record<string, Printer>> = { simple, json, fields, table };
