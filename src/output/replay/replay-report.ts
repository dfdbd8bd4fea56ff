// What a printer of a replay is given, and what it offers.

import type { CheckResult } from '../../replay/findings/checked-replay.js';
import type { Exceeded } from '../../replay/findings/limits.js';
import type { ReplaySummary } from '../../replay/findings/summary.js';
import type { Delivery, TraceEntry } from '../../replay/run/trace.js';
import type { ReplayPlan } from '../../replay/scenario/plan.js';

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
