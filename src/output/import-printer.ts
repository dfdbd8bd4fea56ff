// Prints what an import came to.

import type { ImportResult } from '../storage/import-etcd.js';
import { toJson } from './json.js';
import { drawTable } from './table.js';
import { utf8 } from './writer.js';

type Printer = (file: string, database: string, result: ImportResult) => string;

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
  return utf8(
    `imported ${file} into ${database}: ${records} records, ${leases} leases${standing}, revisions ${window}; ${checked}\n`,
  );
};

const json: Printer = (file, database, result) => utf8(`${toJson({ file, database, ...result })}\n`);

const fields: Printer = (...args) =>
  utf8(
    rows(...args)
      .map(([name, value]) => `"${name}" : ${JSON.stringify(value)}\n`)
      .join(''),
  );

const table: Printer = (...args) => {
  const all = rows(...args);
  return drawTable(
    all.map(([name]) => name),
    [all.map(([, value]) => value)],
  );
};

export const IMPORT_PRINTERS: Readonly<Record<string, Printer>> = { simple, json, fields, table };
