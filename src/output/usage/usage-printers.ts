// Lists the printers of usage. Each yields byte strings.

import type { DatabaseUsage } from '../../storage/measure-database.js';
import type { Style } from '../terminal/style.js';
import { usageJson } from './usage-json.js';
import { usageSimple } from './usage-simple.js';
import { usageTables } from './usage-table.js';
import type { UsageView } from './usage-text.js';

type UsagePrinter = (usage: DatabaseUsage, style: Style, view: UsageView) => Iterable<string>;

export const USAGE_PRINTERS: Readonly<Record<string, UsagePrinter>> = {
  simple: usageSimple,
  json: usageJson,
  table: usageTables,
};
