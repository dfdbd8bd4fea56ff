// Runs a scenario from its text once, to see whether there is trouble.

import { drain } from '../../adt/drain.js';
import { judgedReplay } from '../findings/reported-replay.js';
import type { Trouble } from '../findings/trouble.js';
import { planReplay, type ReplayPlan } from '../scenario/plan.js';
import { conditionsOf, historyOf } from '../scenario/scenario.js';
import type { ScenarioText } from '../scenario/scenario-text.js';
import { openScripted, type ReplaySource } from '../scenario/scripted-source.js';

export interface Trial {
  readonly plan: ReplayPlan;
  readonly troubles: readonly Trouble[];
  /** The number of transactions that were committed during the run. */
  readonly commits: number;
  /** The time from which on nothing could happen. */
  readonly activeUntilUs: number;
}

/** Runs variations of one scenario. Its history is opened once; a text that writes another history runs on that one. */
export class Trials {
  constructor(
    private readonly text: ScenarioText,
    private readonly source: ReplaySource,
  ) {}

  private sourceOf({ history }: ScenarioText): ReplaySource {
    const own = history.database !== undefined || history === this.text.history;
    return own
      ? this.source
      : { ...openScripted({ history: historyOf(history) }), times: this.source.times, derive: this.source.derive };
  }

  /**
   * Throws USAGE, COMPACTED or FUTURE_REVISION when the text makes no sense, CORRUPT when the history contradicts
   * itself.
   */
  run(text: ScenarioText): Trial {
    const source = this.sourceOf(text);
    const plan = planReplay(source, {
      scenario: conditionsOf(text),
      watch: [],
    });
    let commits = 0;
    let activeUntilUs = 0;
    const troubles = drain(judgedReplay(source.open(plan), plan.options), (entry) => {
      if (entry.kind === 'commit') commits++;
      else if (entry.kind === 'end') activeUntilUs = entry.activeUntilUs;
    });
    return { plan, troubles, commits, activeUntilUs };
  }
}

export function firstOf({ troubles }: Trial, rule: Trouble['rule']): Trouble | undefined {
  return troubles.find((trouble) => trouble.rule === rule);
}
