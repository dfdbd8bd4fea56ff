// One run of a scenario from its text, to see whether there is trouble.

import { checkedReplay } from '../findings/checked-replay.js';
import { exceededLimits } from '../findings/limits.js';
import { Summarizer } from '../findings/summary.js';
import { type Trouble, troublesOf } from '../findings/trouble.js';
import type { EndEntry } from '../run/trace.js';
import { planReplay, type ReplayPlan } from '../scenario/plan.js';
import { conditionsOf, historyOf } from '../scenario/scenario.js';
import type { ScenarioText } from '../scenario/scenario-text.js';
import { openScripted, type ReplaySource } from '../scenario/scripted-source.js';

export interface Trial {
  readonly plan: ReplayPlan;
  readonly troubles: readonly Trouble[];
  /** How many transactions were committed while it ran. */
  readonly commits: number;
  /** Nothing could happen from then on. */
  readonly activeUntilUs: number;
}

/** Runs texts of one scenario: over its own history, opened once, or, where they write another, over that. */
export class Trials {
  constructor(
    private readonly text: ScenarioText,
    private readonly source: ReplaySource,
  ) {}

  private sourceOf({ history }: ScenarioText): ReplaySource {
    const own = history.database !== undefined || history === this.text.history;
    return own ? this.source : openScripted({ history: historyOf(history) });
  }

  /** Throws USAGE, COMPACTED or FUTURE_REVISION where the text makes no sense, CORRUPT where the history does not. */
  run(text: ScenarioText): Trial {
    const source = this.sourceOf(text);
    const plan = planReplay(source.state, source.registered, {
      scenario: conditionsOf(text),
      watch: [],
    });
    const { limits } = plan.options;
    const opened = source.open(plan);
    const trace = checkedReplay(opened, plan.options);
    // Only limits need it.
    const summarizer = Object.keys(limits).length === 0 ? undefined : new Summarizer(plan.options);
    let commits = 0;
    let end: EndEntry | undefined;
    let step = trace.next();
    for (; !step.done; step = trace.next()) {
      const entry = step.value;
      summarizer?.add(entry);
      if (entry.kind === 'commit') commits++;
      else if (entry.kind === 'end') end = entry;
    }
    const summary = summarizer?.finish(end!, opened.history);
    const exceeded = summary === undefined ? [] : exceededLimits(summary, limits);
    return { plan, troubles: troublesOf(step.value.violations, exceeded), commits, activeUntilUs: end!.activeUntilUs };
  }
}

export function firstOf({ troubles }: Trial, rule: Trouble['rule']): Trouble | undefined {
  return troubles.find((trouble) => trouble.rule === rule);
}
