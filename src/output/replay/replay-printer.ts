// The ways to print a replay.

import type { CheckResult } from '../../replay/checked-replay.js';
import type { Exceeded } from '../../replay/limits.js';
import type { ReplayPlan } from '../../replay/plan.js';
import type { ReplaySummary } from '../../replay/summary.js';
import type { Delivery, TraceEntry } from '../../replay/trace.js';
import type { Style } from '../style.js';
import { fieldsPrinter } from './fields-printer.js';
import { jsonPrinter } from './json-printer.js';
import { simplePrinter } from './simple-printer.js';
import { tablePrinter } from './table-printer.js';

/** How a replay ended, and what was broken. */
export interface ReplayReport {
  readonly summary: ReplaySummary;
  readonly checked: CheckResult;
  readonly exceeded: readonly Exceeded[];
}

/** How much is told of a replay. */
export type Detail =
  /** The responses. */
  | 'responses'
  /** What each watcher came to. */
  | 'summary'
  /** Both, and whatever else happens. */
  | 'trace';

/** What it returns are byte strings, '' where the format has nothing to say. */
export interface ReplayPrinter {
  begin(plan: ReplayPlan): string;
  response(delivery: Delivery): string;
  other(entry: Exclude<TraceEntry, Delivery>): string;
  end(report: ReplayReport): string;
}

/** They are given only what the detail asks for; the summary comes with each. */
export const REPLAY_PRINTERS: Readonly<Record<string, (style: Style, detail: Detail) => ReplayPrinter>> = {
  simple: simplePrinter,
  json: jsonPrinter,
  fields: fieldsPrinter,
  table: tablePrinter,
};
