// One run of a scenario from its text, to see whether there is trouble.

import { judgedReplay } from '../findings/reported-replay.js';
import type { Trouble } from '../findings/trouble.js';
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
    const plan = planReplay(source, {
      scenario: conditionsOf(text),
      watch: [],
    });
    const trace = judgedReplay(source.open(plan), plan.options);
    let commits = 0;
    let end: EndEntry | undefined;
    let step = trace.next();
    for (; !step.done; step = trace.next()) {
      const entry = step.value;
      if (entry.kind === 'commit') commits++;
      else if (entry.kind === 'end') end = entry;
    }
    return { plan, troubles: step.value, commits, activeUntilUs: end!.activeUntilUs };
  }
}

export function firstOf({ troubles }: Trial, rule: Trouble['rule']): Trouble | undefined {
  return troubles.find((trouble) => trouble.rule === rule);
}
