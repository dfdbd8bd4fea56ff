// How the responses of put, get, del and txn, and a compaction, are printed: byte strings, piece by piece, as a response
// can be large.

import { MvccwError } from '../errors.js';
import type { DeleteResponse } from '../mvcc/delete-request.js';
import type { GetResponse } from '../mvcc/get-request.js';
import type { PutResponse } from '../mvcc/put-request.js';
import type { TxnResponse } from '../mvcc/txn-request.js';
import { kvFieldsPrinter } from './kv-fields.js';
import { kvJsonPrinter } from './kv-json.js';
import { kvSimplePrinter } from './kv-simple.js';
import { kvTablePrinter } from './kv-table.js';
import { checkHex, choosePrinter } from './registry.js';
import type { Style } from './style.js';

export interface Compacted {
  /** The one that was compacted at. */
  readonly revision: number;
  /** The store's newest. */
  readonly currentRev: number;
}

export interface KvPrinter {
  put(response: PutResponse): Iterable<string>;
  get(response: GetResponse): Iterable<string>;
  delete(response: DeleteResponse): Iterable<string>;
  txn(response: TxnResponse): Iterable<string>;
  compacted(compaction: Compacted): Iterable<string>;
}

export interface KvStyle extends Style {
  /** Every byte of keys and values as \xNN. */
  readonly hex: boolean;
}

const KV_PRINTERS: Readonly<Record<string, (style: KvStyle) => KvPrinter>> = {
  simple: kvSimplePrinter,
  json: () => kvJsonPrinter,
  fields: () => kvFieldsPrinter,
  table: kvTablePrinter,
};

export interface KvFormat {
  readonly writeOut: string;
  readonly hex?: boolean | undefined;
  readonly printValueOnly?: boolean | undefined;
}

/** Throws USAGE where the format has no place for an option. */
export function chooseKvPrinter(style: Style, format: KvFormat): KvPrinter {
  const { writeOut, hex = false, printValueOnly = false } = format;
  const printer = choosePrinter(KV_PRINTERS, writeOut);
  if (printValueOnly && writeOut !== 'simple') {
    throw new MvccwError('USAGE', '--print-value-only is only for `--write-out=simple`');
  }
  checkHex(writeOut, hex);
  return printer({ ...style, hex });
}
