// This module replays a scenario from its text, for tests that examine the report and the trace.

import { drain } from '../../src/adt/drain.js';
import { type ReplayReport, reportedReplay } from '../../src/replay/findings/reported-replay.js';
import type { WatcherSummary } from '../../src/replay/findings/summary.js';
import type { OpenedReplay } from '../../src/replay/run/replay-store.js';
import type { Delivery, TraceEntry } from '../../src/replay/run/trace.js';
import { parseScenario } from '../../src/replay/scenario/parse-scenario.js';
import { planReplay, type ReplayPlan, type ReplayRequest } from '../../src/replay/scenario/plan.js';
import { openScripted } from '../../src/replay/scenario/scripted-source.js';

export interface ScenarioRun extends ReplayReport {
  readonly entries: readonly TraceEntry[];
}

/** Opens a scenario for replay; `request` has what a command line would ask for. */
export function openScenario(
  yaml: string,
  request: Partial<ReplayRequest> = {},
): { readonly opened: OpenedReplay; readonly plan: ReplayPlan } {
  const scenario = parseScenario(yaml, 'scenario');
  const source = openScripted(scenario);
  const plan = planReplay(source, { scenario, watch: [], ...request });
  return { opened: source.open(plan), plan };
}

export function runScenario(yaml: string): ScenarioRun {
  const { opened, plan } = openScenario(yaml);
  const entries: TraceEntry[] = [];
  const report = drain(reportedReplay(opened, plan.options), (entry) => entries.push(entry));
  return { entries, ...report };
}

/** Returns the revisions of the events that a watcher receives, in order. */
export function revisionsOf({ entries }: ScenarioRun, watcher: string): number[] {
  return entries
    .filter((entry): entry is Delivery => entry.kind === 'response' && entry.watcher === watcher)
    .flatMap(({ events }) => events.map(({ kv }) => kv.modRevision));
}

export function summaryOf({ summary }: ScenarioRun, watcher: string): WatcherSummary {
  return summary.watchers.find((one) => one.watcher === watcher)!;
}
