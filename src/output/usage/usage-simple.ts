// Prints usage for people: lists in columns, with bars on a terminal.
//
//   prefix                bytes    live     old  deletes  keys  revs
//   /registry/pods/       35 kB  7.7 kB   26 kB   1.4 kB    46   214  █████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒░
//   /registry/services/  8.8 kB  1.8 kB  6.7 kB    232 B    10    47  █▒▒▒▒▒

import { utf8 } from '../../bytes/byte-string.js';
import { bytesIn, recordsIn } from '../../inspect/usage/split.js';
import { formatRevision } from '../../mvcc/revision.js';
import type { DatabaseUsage, PageUsage } from '../../storage/measure-database.js';
import { approximateBytes } from '../status-printer.js';
import { drawBar } from '../terminal/bar.js';
import { drawChart } from '../terminal/chart.js';
import { plural } from '../terminal/plural.js';
import type { Style } from '../terminal/style.js';
import { escapeText } from '../terminal/text.js';
import { depthRemark, PART_NAMES, prefixText, type ShowKey, showKeys, type UsageView } from './usage-text.js';

export function* usageSimple(usage: DatabaseUsage, style: Style, view: UsageView): Iterable<string> {
  const show = showKeys(view);
  const remark = depthRemark(usage, view);
  const sections = [
    [headline(usage), ...(remark === undefined ? [] : [remark])],
    prefixLines(usage, style, show),
    usage.values.length === 0 ? [] : valueLines(usage, style, show),
    usage.keys.length === 0 ? [] : keyLines(usage, style, show),
    churnLines(usage, style, show, view),
    pageLines(usage.pages, style),
    compactionLines(usage, style),
  ];
  let separator = '';
  for (const lines of sections) {
    if (lines.length === 0) continue;
    yield utf8(`${separator}${lines.join('\n')}\n`);
    separator = '\n';
  }
}

function headline({ path, total, compactRev, currentRev }: DatabaseUsage): string {
  const records = `${plural(recordsIn(total), 'record')}, ${approximateBytes(bytesIn(total))}`;
  const keys = `${plural(total.keys, 'key')}, ${total.liveKeys} of them live`;
  return `${escapeText(path)}: ${records}; ${keys}; revisions ${Math.max(compactRev, 1)} to ${currentRev}`;
}

function prefixLines({ prefixes, prefixCount }: DatabaseUsage, style: Style, show: ShowKey): string[] {
  if (prefixCount === 0) return [];
  const { colour } = style;
  const rows = prefixes.map((row) => [
    prefixText(row.prefix, show),
    approximateBytes(bytesIn(row)),
    approximateBytes(row.liveBytes),
    approximateBytes(row.oldBytes),
    approximateBytes(row.tombstoneBytes),
    String(row.keys),
    String(recordsIn(row)),
  ]);
  const full = bytesIn(prefixes[0]!);
  const kinds = [
    { name: 'liveBytes', glyph: '█', paint: colour.green, word: 'live' },
    { name: 'oldBytes', glyph: '▒', paint: colour.yellow, word: 'old' },
    { name: 'tombstoneBytes', glyph: '░', paint: colour.red, word: 'tombstones' },
  ] as const;
  const bar = (row: number, cells: number) =>
    drawBar(
      kinds.map((kind) => ({ ...kind, amount: prefixes[row]![kind.name] })),
      full,
      cells,
    );
  const head = ['prefix', 'bytes', 'live', 'old', 'deletes', 'keys', 'revs'];
  const lines = drawChart(head, rows, { numbers: [1, 2, 3, 4, 5, 6], keys: 0, bar }, style);
  const more = prefixCount - prefixes.length;
  const legend = kinds.map(({ glyph, paint, word }) => `${paint(glyph)} ${word}`).join('   ');
  return [
    ...lines,
    ...(more > 0 ? [`and ${plural(more, 'more prefix', 'more prefixes')}: --limit shows more`] : []),
    ...(style.columns === undefined ? [] : [legend]),
  ];
}

function valueLines({ values }: DatabaseUsage, style: Style, show: ShowKey): string[] {
  const rows = values.map((value) => [approximateBytes(value.bytes), formatRevision(value), show(value.key)]);
  return drawChart(['largest', 'revision', 'value of'], rows, { numbers: [0, 1], keys: 2 }, style);
}

function keyLines({ keys, churn }: DatabaseUsage, style: Style, show: ShowKey): string[] {
  const rows = keys.map(({ key, changes, bytes }) => [String(changes), approximateBytes(bytes), show(key)]);
  const which = `key, from revision ${churn.fromRev} to ${churn.toRev}`;
  return drawChart(['changes', 'bytes', which], rows, { numbers: [0, 1], keys: 2 }, style);
}

function churnLines({ churn }: DatabaseUsage, style: Style, show: ShowKey, { hasRange }: UsageView): string[] {
  const { fromRev, toRev, revisions, changes, puts, deletes, bytes, keys, prefixes } = churn;
  const kinds = `${plural(puts, 'put')}, ${plural(deletes, 'deletion')}`;
  const text =
    `Revisions ${fromRev} to ${toRev}: ${plural(changes, 'change')} (${kinds}) in ${plural(revisions, 'revision')}, ` +
    `${plural(keys, 'key')}, ${approximateBytes(bytes)}`;
  if (fromRev > toRev) return ['The window is empty: nothing has changed since the compaction'];
  if (!hasRange || prefixes.length === 0) return [text];
  const rows = prefixes.map((row) => [
    prefixText(row.prefix, show),
    String(row.changes),
    approximateBytes(row.bytes),
    String(row.keys),
  ]);
  const full = prefixes[0]!.changes;
  const bar = (row: number, cells: number) =>
    drawBar([{ amount: prefixes[row]!.changes, glyph: '█', paint: style.colour.cyan }], full, cells);
  return [
    text,
    ...drawChart(['prefix', 'changes', 'bytes', 'keys'], rows, { numbers: [1, 2, 3], keys: 0, bar }, style),
  ];
}

function pageLines({ fileBytes, pageSize, parts }: PageUsage, style: Style): string[] {
  const names = Object.keys(PART_NAMES) as (keyof typeof parts)[];
  const present = names.filter((name) => parts[name].bytes !== 0 || (parts[name].pages ?? 0) > 0);
  const share = (bytes: number) => `${((100 * bytes) / Math.max(fileBytes, 1)).toFixed(1)} %`;
  const rows = present.map((name) => {
    const { bytes, pages } = parts[name];
    return [PART_NAMES[name], String(bytes), share(bytes), pages === undefined ? '' : plural(pages, 'page')];
  });
  rows.push(['the file', String(fileBytes), share(fileBytes), `of ${pageSize}`]);
  const bar = (row: number, cells: number) => {
    const name = present[row];
    if (name === undefined) return '';
    return drawBar([{ amount: parts[name].bytes, glyph: '█', paint: style.colour.cyan }], fileBytes, cells);
  };
  return drawChart(['part of the file', 'bytes', 'share', 'pages'], rows, { numbers: [1, 2, 3], keys: 0, bar }, style);
}

function compactionLines({ compaction, defrag, pages, ofEtcd }: DatabaseUsage, { colour }: Style): string[] {
  const { revision, deletedRecords, deletedBytes, keptRecords, keptBytes } = compaction;
  const compact =
    `would delete ${deletedRecords} of ${plural(deletedRecords + keptRecords, 'record')}, ` +
    `${approximateBytes(deletedBytes)} of ${approximateBytes(deletedBytes + keptBytes)}`;
  const { fileBytes, parts } = pages;
  const pageBytes = fileBytes - parts.neverUsed.bytes - parts.stray.bytes - parts.digest.bytes;
  const file = `in a file of up to ${approximateBytes(defrag.fileBytes)} (now ${approximateBytes(fileBytes)})`;
  const after =
    `would then leave about ${approximateBytes(defrag.bytes)} of pages (now ${approximateBytes(pageBytes)})` +
    `${ofEtcd ? `, ${file}` : ''}`;
  const label = `compact ${revision}`;
  const width = label.length + 2;
  return [`${colour.bold(label.padEnd(width))}${compact}`, `${colour.bold('defrag'.padEnd(width))}${after}`];
}
