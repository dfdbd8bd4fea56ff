// Prints the value of a key field by field: since when each has been so, and who owns it.

import { utf8 } from '../../bytes/byte-string.js';
import type { BlamedField, BlamedValue } from '../../inspect/blame/field-blame.js';
import type { Provenance } from '../../inspect/blame/provenance.js';
import { formatRevision } from '../../mvcc/revision.js';
import { inspectionLine } from '../formats/inspection-line.js';
import { drawTable } from '../formats/table.js';
import { managerJson } from '../kube/told-json.js';
import { managerName } from '../kube/told-line.js';
import { memberText, revisionJson } from '../origin.js';
import type { Style } from '../terminal/style.js';
import { escapeText } from '../terminal/text.js';
import { textWidth, widestOf } from '../terminal/width.js';

interface FieldStyle extends Style {
  readonly provenance: Provenance;
}

/** Returns a byte string. */
type Printer = (value: BlamedValue, style: FieldStyle) => string;

const sinceText = ({ since, orBefore }: BlamedField): string => `${orBefore ? '<=' : ''}${formatRevision(since)}`;

const ownersText = ({ owners }: BlamedField): string =>
  owners.map((owner) => escapeText(managerName(owner))).join(' and ');

/** Returns the user of the put that set a field; without one the member. */
function whoText({ since, orBefore }: BlamedField, { originsOf, proposers }: Provenance): string {
  if (orBefore) return '';
  const whos = originsOf(since.main).map(({ user, requestId }) =>
    user === '' ? memberText(proposers.of(requestId)) : escapeText(user),
  );
  return [...new Set(whos)].join(' or ');
}

const fieldText = (by: BlamedValue['by'], { path, text }: BlamedField): string =>
  by === 'fields' ? `${path}: ${text}` : escapeText(text);

const simple: Printer = ({ by, fields }, { colour, provenance }) => {
  const rows = fields.map((field) => [sinceText(field), whoText(field, provenance), ownersText(field)] as const);
  const widths = [0, 1, 2].map((column) => widestOf(rows.map((row) => row[column]!)));
  const padded = (text: string, column: number) => text + ' '.repeat(widths[column]! - textWidth(text));
  const lines = rows.map(([since, who, owners], i) => {
    const cells = [
      colour.yellow(padded(since, 0)),
      ...(widths[1] === 0 ? [] : [padded(who, 1)]),
      ...(widths[2] === 0 ? [] : [padded(owners, 2)]),
      fieldText(by, fields[i]!),
    ];
    return `${cells.join('  ')}\n`;
  });
  return utf8(lines.join(''));
};

const table: Printer = ({ by, fields }, { columns, provenance }) =>
  drawTable(
    ['since', 'who', 'owners', 'field', 'value'],
    fields.map((field) => [
      { whole: sinceText(field) },
      whoText(field, provenance),
      ownersText(field),
      field.path,
      by === 'fields' ? field.text : escapeText(field.text),
    ]),
    { columns },
  );

const json: Printer = ({ record, by, fields }, { provenance }) =>
  fields
    .map(({ path, text, since, orBefore, owners }) =>
      inspectionLine('blamedField', {
        key: Buffer.from(record.key, 'latin1'),
        by,
        path,
        text,
        since: { main: since.main, sub: since.sub },
        orBefore: orBefore || undefined,
        owners: owners.map(managerJson),
        ...(orBefore ? {} : revisionJson(since.main, provenance)),
      }),
    )
    .join('');

export const FIELD_PRINTERS: Readonly<Record<string, Printer>> = { simple, json, table };
