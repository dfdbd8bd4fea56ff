// What a printer of a replay is given, and what it offers.

import type { ReplayReport } from '../../replay/findings/reported-replay.js';
import type { Delivery, TraceEntry } from '../../replay/run/trace.js';
import type { ReplayPlan } from '../../replay/scenario/plan.js';
import type { Style } from '../terminal/style.js';

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
  begin(): string;
  /** In pieces, as a response may hold more than one string can. */
  response(delivery: Delivery): Iterable<string>;
  other(entry: Exclude<TraceEntry, Delivery>): string;
  end(report: ReplayReport): string;
}

export type ReplayPrinterMaker = (plan: ReplayPlan, style: Style, detail: Detail) => ReplayPrinter;
