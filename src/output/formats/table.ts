// Draws tables with borders, as etcdctl does. On a terminal a table is at most as wide as the screen: cells of text are
// cut. When the screen is too narrow even then, each row becomes a table of its own with a line for each column.
// Numbers are never cut. In a pipe, which has no width, everything stays whole.

import { createRequire } from 'node:module';
import type Table from 'cli-table3';
import { utf8 } from '../../bytes/byte-string.js';
import { cutText, textWidth, widestOf } from '../terminal/width.js';

// The library is loaded with the first table, because few runs draw one.
const require = createRequire(import.meta.url);

export interface TableOptions {
  /**
   * The side of the cells; by default numbers are on the right and text is on the left. etcdctl has all on the right.
   */
  readonly align?: 'right' | undefined;
  /** The width of the terminal; undefined in a pipe. */
  readonly columns?: number | undefined;
}

/** Text that must not be cut, because a number in it would change. */
interface WholeText {
  readonly whole: string;
}

export type Cell = string | number | WholeText;

const textOf = (cell: Cell | undefined): string => String(typeof cell === 'object' ? cell.whole : (cell ?? ''));

/** The width below which cells of text are not cut. */
const MIN_CELL_COLUMNS = 16;

/** Returns the columns that the borders take, with a space on both sides of each cell. */
const frameColumns = (cells: number): number => 3 * cells + 1;

/** Returns a table as a byte string, which ends in a newline. A cell must hold nothing that would break a line. */
export function drawTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  { align, columns }: TableOptions = {},
): string {
  const titles = head.map((cell) => cell.toUpperCase());
  if (columns === undefined) return draw(titles, rows, align);
  const widths = fittingWidths(titles, rows, columns);
  if (widths !== undefined) return draw(titles, cutCells(rows, widths), align);
  return rows.map((row) => drawAsLines(titles, row, columns)).join('');
}

/** Returns how wide each column may be; undefined when the table would still be too wide. */
function fittingWidths(
  titles: readonly string[],
  rows: readonly (readonly Cell[])[],
  columns: number,
): readonly number[] | undefined {
  const widths = titles.map((title, i) => Math.max(textWidth(title), widestOf(rows.map((row) => textOf(row[i])))));
  const least = titles.map((title, i) => {
    const whole = rows.map((row) => (typeof row[i] === 'string' ? '' : textOf(row[i])));
    return Math.min(widths[i]!, Math.max(textWidth(title), widestOf(whole), MIN_CELL_COLUMNS));
  });
  const room = columns - frameColumns(titles.length);
  if (sumOf(least) > room) return undefined;
  while (sumOf(widths) > room) {
    // The widest column gives way first, down to the next one.
    const shrinking = widths.filter((width, i) => width > least[i]!);
    const widest = Math.max(...shrinking);
    widths[widths.findIndex((width, i) => width === widest && width > least[i]!)] = widest - 1;
  }
  return widths;
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

function cutCells(rows: readonly (readonly Cell[])[], widths: readonly number[]): Cell[][] {
  return rows.map((row) => row.map((cell, i) => (typeof cell === 'string' ? cutText(cell, widths[i]!) : cell)));
}

function drawAsLines(titles: readonly string[], row: readonly Cell[], columns: number): string {
  const [first = '', ...others] = titles;
  const room = Math.max(columns - frameColumns(2) - widestOf(titles), MIN_CELL_COLUMNS);
  const [name = '', ...values] = row.map((cell) => (typeof cell === 'string' ? cutText(cell, room) : cell));
  return draw(
    [first, textOf(name)],
    others.map((title, i) => [title, textOf(values[i])]),
    undefined,
  );
}

/** Stands for a column of text. No cell holds it, because Unicode keeps it for private use. */
const PLACEHOLDER = '\ue000';

/** The library takes the more time for each row, the more rows there are: it is given this many at once. */
const ROWS_AT_ONCE = 200;

/** The lines above the first row: the border, the titles, and the line below them. */
const HEAD_LINES = 3;

function draw(titles: readonly string[], rows: readonly (readonly Cell[])[], align: 'right' | undefined): string {
  const widths = titles.map((title, i) => widestOf([title, ...rows.map((row) => textOf(row[i]))].map(visible)));
  const linesOf = (at: number) => drawPart(titles, rows.slice(at, at + ROWS_AT_ONCE), widths, align);
  const lines = linesOf(0);
  for (let at = ROWS_AT_ONCE; at < rows.length; at += ROWS_AT_ONCE) {
    lines.pop();
    lines.push(...linesOf(at).slice(HEAD_LINES));
  }
  return utf8(`${lines.join('\n')}\n`);
}

/**
 * Returns the lines of a table. Placeholders as wide as the cells are drawn, and then the cells are put in: the library
 * measures by older tables of Unicode.
 */
function drawPart(
  titles: readonly string[],
  rows: readonly (readonly Cell[])[],
  widths: readonly number[],
  align: 'right' | undefined,
): string[] {
  const CliTable: typeof Table = require('cli-table3');
  const colWidths = widths.map((width) => width + 2);
  const table = new CliTable({ style: { head: [], border: [] }, colWidths });
  const shown: string[] = [];
  const held = (cell: Cell): string => {
    const text = visible(textOf(cell));
    if (text !== '') shown.push(text);
    return PLACEHOLDER.repeat(textWidth(text));
  };
  table.push(titles.map((title) => ({ content: held(title), hAlign: 'center' as const })));
  for (const row of rows) {
    const alignOf = (cell: Cell) => align ?? (typeof cell === 'number' ? 'right' : 'left');
    table.push(row.map((cell) => ({ content: held(cell), hAlign: alignOf(cell) })));
  }
  let next = 0;
  const filled = table.toString().replace(/\ue000+/g, () => shown[next++]!);
  // Only the titles have a line below them.
  return filled.split('\n').filter((line, i) => i < HEAD_LINES || !line.startsWith('├'));
}

/** Puts text that takes no column, as a combining mark alone, after a space. */
function visible(text: string): string {
  return text !== '' && textWidth(text) === 0 ? ` ${text}` : text;
}
