// Prints what a check has found, each finding when it comes, and what it comes to in the end.

import { utf8 } from '../bytes/byte-string.js';
import { quoteGo } from '../bytes/quote.js';
import { FINDING_KINDS, type Finding, repairOf } from '../inspect/check/finding.js';
import { formatLeaseId } from '../mvcc/lease-entry.js';
import { formatRevision } from '../mvcc/revision.js';
import type { CheckResult } from '../storage/check-database.js';
import { inspectionLine } from './formats/inspection-line.js';
import { drawTable } from './formats/table.js';
import { plural } from './terminal/plural.js';
import type { Style } from './terminal/style.js';
import { escapeText } from './terminal/text.js';

/** The result of a check, or of a repair. */
export interface PrintedCheck extends CheckResult {
  /** What a repair has done; undefined if none was asked for. */
  readonly done?: readonly string[] | undefined;
}

interface CheckPrinter {
  finding(finding: Finding): string;
  end(result: PrintedCheck): string;
}

type MakePrinter = (style: Style) => CheckPrinter;

/** Tells whether nothing is wrong now. */
export function isSound({ complete, findings, repairable, done = [] }: PrintedCheck): boolean {
  return done.length > 0 ? repairable === findings : complete && findings === 0;
}

const LABEL_COLUMNS = 12;

const simple: MakePrinter = ({ colour }) => ({
  finding({ kind, problem }) {
    const { means } = FINDING_KINDS[kind];
    return utf8(
      `${colour.bold(kind.padEnd(LABEL_COLUMNS))}${escapeText(problem)}\n${''.padEnd(LABEL_COLUMNS)}${means}\n`,
    );
  },
  end(result) {
    return utf8(`${endText(result)}\n`);
  },
});

function endText(result: PrintedCheck): string {
  const { complete, findings, repairable, checked, ofEtcd, done } = result;
  const path = escapeText(result.path);
  if (findings === 0) return `${path} is sound: ${checked.join(', ')}`;
  if (done !== undefined && done.length > 0) {
    const others = findings - repairable;
    const kept =
      others === 0
        ? ''
        : `; ${plural(others, 'finding')} of what was written to it ${others === 1 ? 'is' : 'are'} left`;
    return `${path} is repaired: ${done.join('; ')}${kept}`;
  }
  const found = `${path} has ${plural(findings, 'finding')}`;
  const cut = complete ? '' : '; the rest could not be read';
  if (done !== undefined) return `${found}${cut}; not all of it can be repaired, so nothing was changed`;
  if (ofEtcd || repairable === 0) return `${found}${cut}`;
  if (repairable === findings) return `${found}${cut}: \`mvccw check --repair\` mends it`;
  return `${found}, of which a repair could mend ${repairable}${cut}`;
}

/** Returns the fields of a finding, in the order of their names in JSON. */
function fieldsOf({ kind, problem, key, isOfEtcd = false, ...place }: Finding): object {
  return {
    finding: kind,
    problem,
    means: FINDING_KINDS[kind].means,
    repair: isOfEtcd ? undefined : repairOf(kind),
    ...place,
    key: key === undefined ? undefined : Buffer.from(key, 'latin1'),
  };
}

const json: MakePrinter = () => ({
  finding: (finding) => inspectionLine('finding', fieldsOf(finding)),
  end(result) {
    const { path, complete, findings, repairable, checked, done } = result;
    const sound = isSound(result);
    return inspectionLine('check', { path, sound, complete, findings, repairable, checked, repaired: done });
  },
});

const quoted = (text: string): string => quoteGo(utf8(text));

const fields: MakePrinter = () => ({
  finding({ kind, problem, page, table, bucket, revision, key, lease }) {
    const rows: readonly (readonly [string, string | number | undefined])[] = [
      ['Finding', quoted(kind)],
      ['Problem', quoted(problem)],
      ['Page', page],
      ['Table', table && quoted(table)],
      ['Bucket', bucket && quoted(bucket)],
      ['Revision', revision && quoted(formatRevision(revision))],
      ['Key', key === undefined ? undefined : quoteGo(key)],
      ['Lease', lease?.toString()],
    ];
    const present = rows.filter(([, value]) => value !== undefined);
    return `${present.map(([name, value]) => `"${name}" : ${value}\n`).join('')}\n`;
  },
  end: (result) =>
    `"Path" : ${quoted(result.path)}\n"Sound" : ${isSound(result)}\n"Complete" : ${result.complete}\n` +
    `"Findings" : ${result.findings}\n"Repairable" : ${result.repairable}\n`,
});

const table: MakePrinter = ({ columns }) => {
  const rows: string[][] = [];
  return {
    finding({ kind, table: name = '', revision, lease, problem }) {
      const ofLease = lease === undefined ? '' : formatLeaseId(lease);
      const where = revision === undefined ? ofLease : formatRevision(revision);
      rows.push([kind, name, where, escapeText(problem)]);
      return '';
    },
    end: (result) =>
      (rows.length === 0 ? '' : drawTable(['finding', 'table', 'where', 'problem'], rows, { columns })) +
      utf8(`${endText(result)}\n`),
  };
};

export const CHECK_PRINTERS: Readonly<Record<string, MakePrinter>> = { simple, json, fields, table };
