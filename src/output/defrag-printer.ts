// Prints what a defragmentation has gained.

import { utf8 } from '../mvcc/byte-string.js';
import type { Defragmentation } from '../storage/defragment.js';
import { toJson } from './json.js';
import { quoteGo } from './quote.js';
import { approximateBytes } from './status-printer.js';
import type { Style } from './style.js';
import { drawTable } from './table.js';
import { bytesFor, escapeText } from './text.js';

type Printer = (result: Defragmentation, style: Style) => string;

const simple: Printer = ({ path, sizeBytesBefore, sizeBytesAfter }, { terminal }) => {
  const sizes = `${approximateBytes(sizeBytesBefore)} before, ${approximateBytes(sizeBytesAfter)} now`;
  return `Finished defragmenting ${bytesFor(terminal, utf8(path))}: ${sizes}\n`;
};

const json: Printer = (result) => utf8(`${toJson(result)}\n`);

const fields: Printer = ({ path, sizeBytesBefore, sizeBytesAfter }) =>
  `"Path" : ${quoteGo(utf8(path))}\n"SizeBytesBefore" : ${sizeBytesBefore}\n"SizeBytesAfter" : ${sizeBytesAfter}\n`;

const table: Printer = ({ path, sizeBytesBefore, sizeBytesAfter }) =>
  drawTable(['path', 'bytes before', 'bytes after'], [[escapeText(path), sizeBytesBefore, sizeBytesAfter]]);

export const DEFRAG_PRINTERS: Readonly<Record<string, Printer>> = { simple, json, fields, table };
