// Searches for trouble: runs variation after variation of a scenario until one breaks a guarantee of watches or exceeds
// a limit of the scenario, and makes that one as small as it can be.

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

interface Exploration {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly kinds: ReadonlySet<VariationKind>;
  /** Whether a variation that is found is made smaller. */
  readonly shrinks: boolean;
  readonly onProgress: (stage: 'exploring' | 'shrinking', done: number, total: number) => void;
}

export interface Finding {
  /** The seed of the variation; 0 when the trouble is in the scenario as it is. */
  readonly seed: number;
  /** The trouble of `scenario`. */
  readonly trouble: Trouble;
  readonly scenario: ScenarioText;
  /** The number of runs that it took to make the scenario smaller. */
  readonly shrinkRuns: number;
}

export interface Explored {
  /** The number of variations that were run. */
  readonly seedsRun: number;
  readonly found: Finding | undefined;
  /** What is likely not meant in the scenario, though it is no error. */
  readonly hints: readonly string[];
  /** The release that was replayed. */
  readonly release: EtcdRelease;
}

/** The least length of a run, so that there is time for what is added to a scenario in which all happens at once. */
const MIN_LENGTH_US = 1_000_000;

/** Searches for trouble. Throws as a replay of the scenario does. */
export function explore(written: ScenarioText, source: ReplaySource, exploration: Exploration): Explored {
  // The order of the fields decides what is taken away first.
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
      // The scenario does not work without what was taken away.
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

/**
 * Returns the revisions of a recorded history that are replayed, so that the text says them and they can be made fewer.
 */
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
  return trouble.rule === 'memoryBytes'
    ? 'memory exceeds its limit'
    : `${trouble.exceeded.client ?? trouble.exceeded.watcher} exceeds a limit`;
}
