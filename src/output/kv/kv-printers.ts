// Chooses how the responses of put, get, del and txn, and a compaction, are printed. Printers give byte strings piece
// by piece, because a response can be large.

import { MvccwError } from '../../errors.js';
import { checkHex, choosePrinter } from '../formats/registry.js';
import { decodingOf, type ValueFlags, valueOptions } from '../kube/choose-teller.js';
import type { Style } from '../terminal/style.js';
import { kvFieldsPrinter } from './kv-fields.js';
import { kvJsonPrinter } from './kv-json.js';
import type { KvPrinter, KvStyle } from './kv-printer.js';
import { kvSimplePrinter } from './kv-simple.js';
import { kvTablePrinter } from './kv-table.js';

const KV_PRINTERS: Readonly<Record<string, (style: KvStyle) => KvPrinter>> = {
  simple: kvSimplePrinter,
  json: kvJsonPrinter,
  fields: kvFieldsPrinter,
  table: kvTablePrinter,
};

export interface KvFormat extends ValueFlags {
  readonly writeOut: string;
  readonly printValueOnly?: boolean | undefined;
}

/** Returns the printer for a format. Throws USAGE when the format has no place for an option. */
export async function chooseKvPrinter(style: Style, format: KvFormat): Promise<KvPrinter> {
  const { writeOut, printValueOnly = false } = format;
  const printer = choosePrinter(KV_PRINTERS, writeOut);
  if (printValueOnly && writeOut !== 'simple') {
    throw new MvccwError('USAGE', '--print-value-only is only for `--write-out=simple`');
  }
  const values = valueOptions(format, 'raw');
  const hex = values.decode === 'hex';
  checkHex(writeOut, hex);
  return printer({ ...style, hex, decoding: await decodingOf(values) });
}
