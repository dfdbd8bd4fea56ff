// Prints what the entries of a log come to.
//
//   request     entries  revisions  refused   bytes
//   put            1232       1120      112  3.1 MB
//   txn             …

import { utf8 } from '../../bytes/byte-string.js';
import type { EntrySums, LogTotals } from '../../inspect/wal/log-totals.js';
import { inspectionLine } from '../formats/inspection-line.js';
import { drawTable } from '../formats/table.js';
import { approximateBytes } from '../status-printer.js';
import { drawChart } from '../terminal/chart.js';
import { plural } from '../terminal/plural.js';
import type { Style } from '../terminal/style.js';
import { escapeBytes, escapeText, hexBytes } from '../terminal/text.js';
import { logJson, type PrintedLog } from './log-json.js';

interface TotalsStyle extends Style {
  readonly hex: boolean;
}

/** Returns byte strings, piece by piece. */
type PrintTotals = (totals: LogTotals, log: PrintedLog, style: TotalsStyle) => Iterable<string>;

/** What is counted, by its name in JSON. */
const GROUPS = [
  { by: 'request', sumsOf: ({ byRequest }: LogTotals) => byRequest },
  { by: 'user', sumsOf: ({ byUser }: LogTotals) => byUser },
  { by: 'member', sumsOf: ({ byMember }: LogTotals) => byMember },
] as const;

/** Returns the sums, the largest first. */
function sorted<T>(sums: ReadonlyMap<string, T>, amount: (sum: T) => number): (readonly [string, T])[] {
  const order = ([a, sumA]: readonly [string, T], [b, sumB]: readonly [string, T]) =>
    amount(sumB) - amount(sumA) || (a < b ? -1 : 1);
  return [...sums].sort(order);
}

const entriesOf = ({ entries }: EntrySums): number => entries;

function sumRows({ by, sumsOf }: (typeof GROUPS)[number], totals: LogTotals) {
  const name = (text: string) => (text === '' ? 'no user recorded' : escapeText(text));
  const head = [by, 'entries', 'revisions', 'refused', 'unknown', 'bytes'];
  const sums = sumsOf(totals) as ReadonlyMap<string, EntrySums>;
  const rows = sorted(sums, entriesOf).map(([key, { entries, revisions, refused, unknown, bytes }]) => {
    return { name: name(key), numbers: [entries, revisions, refused, unknown, bytes] };
  });
  return { head, rows };
}

function prefixRows(totals: LogTotals, { hex }: TotalsStyle) {
  const show = hex ? hexBytes : escapeBytes;
  const rows = sorted(totals.byPrefix, ({ puts, deletions }) => puts + deletions).map(
    ([prefix, { puts, deletions, bytes }]) => ({
      name: prefix === '' ? '(no prefix)' : show(prefix),
      numbers: [puts, deletions, bytes],
    }),
  );
  return { head: ['prefix', 'puts', 'deletions', 'bytes'], rows };
}

const tablesOf = (totals: LogTotals, style: TotalsStyle) =>
  [...GROUPS.map((group) => sumRows(group, totals)), prefixRows(totals, style)].filter(({ rows }) => rows.length > 0);

/** Says what the sums are of. */
function headline({ whole: { entries, revisions, unknown } }: LogTotals, { directory, raft }: PrintedLog): string {
  const rest = unknown === 0 ? '' : `; what came of ${unknown} of them is not known`;
  const others = raft.overwrittenCount === 0 ? '' : `; ${raft.overwrittenCount} were overwritten`;
  const made = `${plural(entries, 'entry', 'entries')}, ${plural(revisions, 'revision')}`;
  return `${escapeText(directory)}: ${made}${rest}${others}\n`;
}

function* simple(totals: LogTotals, log: PrintedLog, style: TotalsStyle): Iterable<string> {
  yield utf8(headline(totals, log));
  for (const { head, rows } of tablesOf(totals, style)) {
    const numbers = head.slice(1).map((_, i) => i + 1);
    const cells = rows.map(({ name, numbers }) => [
      name,
      ...numbers.map((number, i) => (head[i + 1] === 'bytes' ? approximateBytes(number) : String(number))),
    ]);
    yield utf8(`\n${drawChart(head, cells, { numbers, keys: 0 }, style).join('\n')}\n`);
  }
}

function* table(totals: LogTotals, log: PrintedLog, style: TotalsStyle): Iterable<string> {
  yield utf8(headline(totals, log));
  for (const { head, rows } of tablesOf(totals, style)) {
    yield drawTable(
      head,
      rows.map(({ name, numbers }) => [name, ...numbers]),
      style,
    );
  }
}

function* json(totals: LogTotals, log: PrintedLog): Iterable<string> {
  for (const { by, sumsOf } of GROUPS) {
    const sums = sumsOf(totals) as ReadonlyMap<string, EntrySums>;
    for (const [name, sum] of sorted(sums, entriesOf)) yield inspectionLine('entryTotal', { [by]: name, ...sum });
  }
  for (const [prefix, sum] of sorted(totals.byPrefix, ({ puts, deletions }) => puts + deletions)) {
    yield inspectionLine('prefixTotal', { prefix: Buffer.from(prefix, 'latin1'), ...sum });
  }
  yield logJson(log);
}

export const TOTALS_PRINTERS: Readonly<Record<string, PrintTotals>> = { simple, json, table };
