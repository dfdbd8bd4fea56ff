// Lists the ways to print a replay.

import { fieldsPrinter } from './fields-printer.js';
import { jsonPrinter } from './json-printer.js';
import type { ReplayPrinterMaker } from './replay-printer.js';
import { simplePrinter } from './simple-printer.js';
import { tablePrinter } from './table-printer.js';

/** The printers by format. They are given only what the detail asks for, and the summary in any case. */
export const REPLAY_PRINTERS: Readonly<Record<string, ReplayPrinterMaker>> = {
  simple: simplePrinter,
  json: jsonPrinter,
  fields: fieldsPrinter,
  table: tablePrinter,
};
