// Tables with borders, as etcdctl draws them.

import Table from 'cli-table3';
import { utf8 } from './writer.js';

/** A table as a byte string with a newline behind it; cells are text. */
export function drawTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const table = new Table({ head: head.map((cell) => cell.toUpperCase()), style: { head: [], border: [] } });
  for (const row of rows) table.push(row.map(String));
  return utf8(`${table.toString()}\n`);
}
