// Prints a hash as `etcdctl endpoint hashkv` does, with the path of the database in the place of the endpoint.

import { utf8 } from '../bytes/byte-string.js';
import { quoteGo } from '../bytes/quote.js';
import type { KeyValueHash } from '../mvcc/hash-kv.js';
import { headerJson } from './formats/api-json.js';
import { toJson } from './formats/json.js';
import { drawTable } from './formats/table.js';
import type { Style } from './terminal/style.js';
import { bytesFor, escapeText } from './terminal/text.js';

interface PrintedHash extends KeyValueHash {
  readonly path: string;
  /** The store's newest revision, which is in the header of an answer. */
  readonly currentRev: number;
}

type Printer = (hash: PrintedHash, style: Style) => string;

const simple: Printer = ({ path, hash }, { terminal }) => `${bytesFor(terminal, utf8(path))}, ${hash}\n`;

const json: Printer = ({ path, hash, currentRev, compactRevision }) => {
  const answer = {
    header: headerJson(currentRev),
    hash: hash || undefined,
    compact_revision: compactRevision || undefined,
  };
  return utf8(`${toJson([{ Endpoint: path, HashKV: answer }])}\n`);
};

const fields: Printer = ({ path, hash, currentRev }) =>
  `"Revision" : ${currentRev}\n"Endpoint" : ${quoteGo(utf8(path))}\n"Hash" : ${hash}\n\n`;

const table: Printer = ({ path, hash }, { columns }) =>
  drawTable(['endpoint', 'hash'], [[escapeText(path), hash]], { align: 'right', columns });

export const HASH_PRINTERS: Readonly<Record<string, Printer>> = { simple, json, fields, table };
