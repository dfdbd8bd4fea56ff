// The search for trouble: variation after variation of a scenario is run until one breaks a guarantee of watches or
// exceeds a limit of the scenario, and that one is made as small as it can be.

import { MvccwError } from '../../errors.js';
import { streamOf } from '../../requests/watch-spec.js';
import type { Trouble } from '../findings/trouble.js';
import type { EtcdRelease } from '../releases/etcd-release.js';
import { parseDuration } from '../run/duration.js';
import { allWatchers } from '../run/replay-options.js';
import { inSchemaOrder } from '../scenario/format-scenario.js';
import type { ScenarioText } from '../scenario/scenario-text.js';
import type { ReplaySource } from '../scenario/scripted-source.js';
import type { BaseRun } from './draw.js';
import { shrink } from './shrink.js';
import { smallerDraws } from './smaller-draws.js';
import { firstOf, type Trial, Trials } from './trial.js';
import { type VariationKind, vary } from './vary.js';

export interface Exploration {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly kinds: ReadonlySet<VariationKind>;
  /** Whether what is found is made smaller. */
  readonly shrinks: boolean;
  readonly onProgress: (stage: 'exploring' | 'shrinking', done: number, total: number) => void;
}

export interface Finding {
  /** The seed of the variation; 0: the trouble is in the scenario as it is. */
  readonly seed: number;
  /** Of the scenario that is given back. */
  readonly trouble: Trouble;
  readonly scenario: ScenarioText;
  /** How often it was run to make it smaller. */
  readonly shrinkRuns: number;
}

export interface Explored {
  /** How many variations were run. */
  readonly seedsRun: number;
  readonly found: Finding | undefined;
  /** What is likely not meant in the scenario. */
  readonly hints: readonly string[];
  /** That it was explored as. */
  readonly release: EtcdRelease;
}

/** A scenario in which all happens at once is given this long, for what is added to it. */
const MIN_LENGTH_US = 1_000_000;

/** Throws as a replay of the scenario does. */
export function explore(written: ScenarioText, source: ReplaySource, exploration: Exploration): Explored {
  // What is taken away first depends on the order of the fields.
  const text = inSchemaOrder(written);
  const { firstSeed, seeds, kinds, onProgress } = exploration;
  const trials = new Trials(text, source);
  const asItIs = trials.run(text);
  const { hints, options } = asItIs.plan;
  const common = { hints, release: options.release };
  if (asItIs.troubles.length > 0) {
    return { seedsRun: 0, found: findingOf(trials, text, asItIs, 0, exploration), ...common };
  }
  const base = baseRunOf(asItIs);
  for (let i = 0; i < seeds; i++) {
    onProgress('exploring', i, seeds);
    const variation = vary(text, firstSeed + i, kinds, base);
    const trial = trials.run(variation);
    if (trial.troubles.length === 0) continue;
    return { seedsRun: i + 1, found: findingOf(trials, variation, trial, firstSeed + i, exploration), ...common };
  }
  return { seedsRun: seeds, found: undefined, ...common };
}

function baseRunOf({ plan: { options }, commits, activeUntilUs }: Trial): BaseRun {
  const streams = new Set(allWatchers(options).map(streamOf));
  return { commits, lengthUs: Math.max(activeUntilUs, MIN_LENGTH_US), streams: [...streams] };
}

function findingOf(
  trials: Trials,
  variation: ScenarioText,
  { plan, troubles }: Trial,
  seed: number,
  { shrinks, onProgress }: Exploration,
): Finding {
  const { rule } = troubles[0]!;
  const whole = { ...variation, etcd: plan.options.release.version, ...windowOf(variation, plan) };
  const troubleIn = (text: ScenarioText): Trouble | undefined => {
    try {
      return firstOf(trials.run(text), rule);
    } catch (error) {
      // What was taken away cannot be done without.
      if (error instanceof MvccwError) return undefined;
      throw error;
    }
  };
  const { text, runs } = shrinks
    ? shrink(whole, (candidate) => troubleIn(candidate) !== undefined, {
        others: smallerDraws,
        onProgress: (done, total) => onProgress('shrinking', done, total),
      })
    : { text: whole, runs: 0 };
  const trouble = troubleIn(text)!;
  return { seed, trouble, scenario: described(text, trouble, seed), shrinkRuns: runs };
}

/** What of a recorded history is replayed is said outright, so that it can be made less. */
function windowOf({ history }: ScenarioText, { baseRev, toRev, options }: Trial['plan']): Partial<ScenarioText> {
  return history.database === undefined ? {} : { base: baseRev, from: options.fromRev, to: toRev };
}

function described(text: ScenarioText, trouble: Trouble, seed: number): ScenarioText {
  const by = seed === 0 ? 'mvccw explore' : `mvccw explore, seed ${seed}`;
  const { actions } = text;
  return {
    ...text,
    about: `${wrong(trouble)} in etcd ${text.etcd} (${by})`,
    ...(actions !== undefined && {
      actions: [...actions].sort((a, b) => parseDuration(a.at) - parseDuration(b.at)),
    }),
  };
}

function wrong(trouble: Trouble): string {
  if ('violation' in trouble) {
    const { watcher, revision, guarantee } = trouble.violation;
    return `${watcher} at revision ${revision} breaks ${guarantee}`;
  }
  return `${trouble.exceeded.watcher} exceeds a limit`;
}
