// Prints what a defragmentation has gained.

import { utf8 } from '../bytes/byte-string.js';
import { quoteGo } from '../bytes/quote.js';
import { FORMAT } from '../storage/database-format.js';
import type { Defragmentation } from '../storage/defragment.js';
import { toJson } from './formats/json.js';
import { drawTable } from './formats/table.js';
import { approximateBytes } from './status-printer.js';
import type { Style } from './terminal/style.js';
import { escapeText } from './terminal/text.js';

type Printer = (result: Defragmentation, style: Style) => string;

const simple: Printer = ({ path, replaced, sizeBytesBefore, sizeBytesAfter, upgradedFrom }) => {
  if (!replaced) {
    const size = approximateBytes(sizeBytesBefore);
    return utf8(`${escapeText(path)} stays as it is: a copy would be no smaller than its ${size}\n`);
  }
  const sizes = `${approximateBytes(sizeBytesBefore)} before, ${approximateBytes(sizeBytesAfter)} now`;
  const upgrade =
    upgradedFrom === undefined ? '' : `; format ${upgradedFrom} has become ${FORMAT}: each row has a sum now`;
  return utf8(`Finished defragmenting ${escapeText(path)}: ${sizes}${upgrade}\n`);
};

const json: Printer = (result) => utf8(`${toJson(result)}\n`);

const fields: Printer = ({ path, replaced, sizeBytesBefore, sizeBytesAfter, upgradedFrom }) =>
  `"Path" : ${quoteGo(utf8(path))}\n"Replaced" : ${replaced}\n"SizeBytesBefore" : ${sizeBytesBefore}\n"SizeBytesAfter" : ${sizeBytesAfter}\n${upgradedFrom === undefined ? '' : `"UpgradedFrom" : ${upgradedFrom}\n`}`;

const table: Printer = ({ path, replaced, sizeBytesBefore, sizeBytesAfter, upgradedFrom }, { columns }) =>
  drawTable(
    ['path', 'replaced', 'bytes before', 'bytes after', 'upgraded from'],
    [[escapeText(path), String(replaced), sizeBytesBefore, sizeBytesAfter, upgradedFrom ?? '']],
    { columns },
  );

export const DEFRAG_PRINTERS: Readonly<Record<string, Printer>> = { simple, json, fields, table };
