// What a printer of a replay is given, and what it offers.

import type { ReplayReport } from '../../replay/findings/reported-replay.js';
import type { Delivery, TraceEntry } from '../../replay/run/trace.js';
import type { ReplayPlan } from '../../replay/scenario/plan.js';

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
