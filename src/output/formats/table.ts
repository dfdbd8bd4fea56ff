// Tables with borders, as etcdctl draws them. The library is loaded with the first table: few runs draw one.

import { createRequire } from 'node:module';
import type Table from 'cli-table3';
import { utf8 } from '../../bytes/byte-string.js';

const require = createRequire(import.meta.url);

export interface TableOptions {
  /** Default: numbers right, text left. etcdctl puts everything to the right. */
  readonly align?: 'right' | undefined;
}

/** A table as a byte string with a newline behind it. Cells are text, with nothing in it that would break a line. */
export function drawTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  { align }: TableOptions = {},
): string {
  const CliTable: typeof Table = require('cli-table3');
  const table = new CliTable({ style: { head: [], border: [] } });
  table.push(head.map((cell) => ({ content: cell.toUpperCase(), hAlign: 'center' as const })));
  for (const row of rows) {
    const alignOf = (cell: string | number) => align ?? (typeof cell === 'number' ? 'right' : 'left');
    table.push(row.map((cell) => ({ content: String(cell), hAlign: alignOf(cell) })));
  }
  // A line stands under the head only.
  const lines = table.toString().split('\n');
  const drawn = lines.filter((line, i) => i <= 2 || !line.startsWith('├'));
  return utf8(`${drawn.join('\n')}\n`);
}
