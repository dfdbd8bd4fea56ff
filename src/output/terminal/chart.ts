// Draws lists in columns without borders, for people, and for `awk` where the output is a pipe. On a terminal each row may
// have a bar behind it, as long as the screen has room for one, and long keys are cut.

import type { Style } from './style.js';
import { cutText, padText, textWidth } from './width.js';

const GAP = '  ';
const MIN_BAR_COLUMNS = 10;
const MAX_BAR_COLUMNS = 60;
const MIN_KEY_COLUMNS = 16;

interface ChartOptions {
  /** The columns of numbers, which end at the same place. */
  readonly numbers: readonly number[];
  /** The column of keys. */
  readonly keys: number;
  /** Draws what stands behind a row, in at most so many columns. */
  readonly bar?: (row: number, columns: number) => string;
}

/** Returns the lines of a list, under a bold head. */
export function drawChart(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { numbers, keys, bar }: ChartOptions,
  { colour, columns }: Style,
): string[] {
  const cells = columns === undefined ? [head, ...rows] : cutKeys([head, ...rows], keys, columns, bar !== undefined);
  const widths = widthsOf(cells);
  const [title = '', ...lines] = cells.map((row) => align(row, widths, numbers));
  const width = lineWidth(widths) + GAP.length;
  const room = columns === undefined ? 0 : Math.min(columns - width, MAX_BAR_COLUMNS);
  if (bar === undefined || room < MIN_BAR_COLUMNS) return [colour.bold(title), ...lines];
  return [colour.bold(title), ...lines.map((line, row) => `${padText(line, width)}${bar(row, room)}`.trimEnd())];
}

function cutKeys(rows: readonly (readonly string[])[], keys: number, columns: number, hasBar: boolean): string[][] {
  const others = lineWidth(widthsOf(rows).map((width, i) => (i === keys ? 0 : width)));
  const room = columns - others - (hasBar ? GAP.length + MIN_BAR_COLUMNS : 0);
  return rows.map((row) => row.map((cell, i) => (i === keys ? cutText(cell, Math.max(room, MIN_KEY_COLUMNS)) : cell)));
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, textWidth(cell));
  return widths;
}

function lineWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, (widths.length - 1) * GAP.length);
}

function align(row: readonly string[], widths: readonly number[], numbers: readonly number[]): string {
  const cells = row.map((cell, i) => {
    const space = ' '.repeat(widths[i]! - textWidth(cell));
    return numbers.includes(i) ? space + cell : cell + space;
  });
  return cells.join(GAP).trimEnd();
}
