// Defines what a printer of a replay is given, and what it offers.

import type { Provenance } from '../../inspect/blame/provenance.js';
import type { ReplayReport } from '../../replay/findings/reported-replay.js';
import type { CommitClock } from '../../replay/run/replay-options.js';
import type { Delivery, TraceEntry } from '../../replay/run/trace.js';
import type { ReplayPlan } from '../../replay/scenario/plan.js';
import type { ValueTeller } from '../kube/value-teller.js';
import type { Style } from '../terminal/style.js';

/** How much of a replay is told. */
export type Detail =
  /** The responses alone. */
  | 'responses'
  /** Only what each watcher came to. */
  | 'summary'
  /** The responses, what each watcher came to, and all else that happens. */
  | 'trace';

/** Prints a replay. It returns byte strings, and '' when the format has nothing to say. */
export interface ReplayPrinter {
  begin(): string;
  /** Yields a response in pieces, because it may hold more than one string can. */
  response(delivery: Delivery): Iterable<string>;
  other(entry: Exclude<TraceEntry, Delivery>): string;
  end(report: ReplayReport): string;
}

export interface ReplayStyle extends Style {
  /** Tells what values are; undefined where they are shown as they are. */
  readonly decoding?: ValueTeller | undefined;
  /** The clock by which times are written; undefined if they are virtual. */
  readonly clock?: CommitClock | undefined;
  /** Tells where revisions come from; undefined for a history that a scenario writes. */
  readonly provenance?: Provenance | undefined;
}

export type ReplayPrinterMaker = (plan: ReplayPlan, style: ReplayStyle, detail: Detail) => ReplayPrinter;
