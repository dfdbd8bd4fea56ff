// One run of a scenario from its text, to see whether a guarantee breaks.

import { checkedReplay } from '../checked-replay.js';
import type { Guarantee, Violation } from '../guarantees.js';
import { planReplay, type ReplayPlan } from '../plan.js';
import { conditionsOf, historyOf } from '../scenario.js';
import type { ScenarioText } from '../scenario-text.js';
import { openScripted, type ReplaySource } from '../scripted-source.js';

export interface Trial {
  readonly plan: ReplayPlan;
  readonly violations: readonly Violation[];
  /** How many transactions were committed while it ran. */
  readonly commits: number;
  readonly endUs: number;
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
      parameters: {},
    });
    const trace = checkedReplay(source.open(plan), plan.options);
    let commits = 0;
    let endUs = 0;
    let step = trace.next();
    for (; !step.done; step = trace.next()) {
      if (step.value.kind === 'commit') commits++;
      endUs = step.value.timeUs;
    }
    return { plan, violations: step.value.violations, commits, endUs };
  }
}

export function firstOf({ violations }: Trial, guarantee: Guarantee): Violation | undefined {
  return violations.find((violation) => violation.guarantee === guarantee);
}
