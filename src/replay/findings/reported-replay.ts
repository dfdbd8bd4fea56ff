// Takes a replay from its store to its findings: plays and checks it, summarizes it, and holds it against the limits.
// Printers, the search and the library read the trace as it comes, and the report at its end.

import type { ReplayOptions } from '../run/replay-options.js';
import type { OpenedReplay } from '../run/replay-store.js';
import type { EndEntry, TraceEntry } from '../run/trace.js';
import { type CheckResult, checkedReplay } from './checked-replay.js';
import { type Exceeded, exceededLimits } from './limits.js';
import { type ReplaySummary, Summarizer } from './summary.js';
import { type Trouble, troublesOf } from './trouble.js';

/** The end of a replay, and what was wrong with it. */
export interface ReplayReport {
  readonly summary: ReplaySummary;
  readonly checked: CheckResult;
  readonly exceeded: readonly Exceeded[];
  /** The broken guarantees, then the exceeded limits; empty when nothing is wrong. */
  readonly troubles: readonly Trouble[];
}

type Findings = Omit<ReplayReport, 'summary'> & { readonly summary: ReplaySummary | undefined };

function* play(
  opened: OpenedReplay,
  options: ReplayOptions,
  check: boolean,
  summarizer: Summarizer | undefined,
): Generator<TraceEntry, Findings> {
  const trace = checkedReplay(opened, options, check);
  let end: EndEntry | undefined;
  let next = trace.next();
  for (; !next.done; next = trace.next()) {
    const entry = next.value;
    summarizer?.add(entry);
    if (entry.kind === 'end') end = entry;
    yield entry;
  }
  const checked = next.value;
  const summary = summarizer?.finish(end!, opened.history);
  const exceeded = summary === undefined ? [] : exceededLimits(summary, options.limits);
  return { summary, checked, exceeded, troubles: troublesOf(checked.violations, exceeded) };
}

/** Yields the trace, and returns the report. Without `check`, no guarantee counts as broken. Throws CORRUPT. */
export function* reportedReplay(
  opened: OpenedReplay,
  options: ReplayOptions,
  check = true,
): Generator<TraceEntry, ReplayReport> {
  const { summary, ...findings } = yield* play(opened, options, check, new Summarizer(options));
  return { summary: summary!, ...findings };
}

/** Yields the trace, and returns only the troubles. Nothing is summarized when there is no limit. Throws CORRUPT. */
export function* judgedReplay(
  opened: OpenedReplay,
  options: ReplayOptions,
): Generator<TraceEntry, ReplayReport['troubles']> {
  const hasLimits = Object.keys(options.limits).length > 0;
  const { troubles } = yield* play(opened, options, true, hasLimits ? new Summarizer(options) : undefined);
  return troubles;
}
