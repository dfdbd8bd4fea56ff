// Draws the moments, rates and lengths of variations.

import { parseDuration } from '../run/duration.js';
import type { SeededRandom } from '../run/random.js';
import { DEFAULT_OPTIONS } from '../run/replay-options.js';
import type { ScenarioText } from '../scenario/scenario-text.js';

/** What is known of the scenario before it is varied. */
export interface BaseRun {
  /** The number of transactions that are committed while the scenario runs. */
  readonly commits: number;
  readonly lengthUs: number;
  /** The names of all streams with watchers. */
  readonly streams: readonly string[];
}

export interface Drawing {
  readonly random: SeededRandom;
  readonly base: BaseRun;
}

const MIN_STALL_US = 10_000;
const MAX_CLOSE_BEHIND = 3;
/** The average time from the end of a stall to a compaction, which is to meet what the stall leaves. */
const AFTER_STALL_US = 50_000;

export const perSecondOf = ({ arrivals }: ScenarioText): number =>
  arrivals?.perSecond ?? DEFAULT_OPTIONS.arrivals.commitsPerSecond;

/** Rounds to three digits: enough to draw from, and easy to read. */
export const rounded = (value: number): number => Number(value.toPrecision(3));

/** Draws a number, as often in each order of magnitude. */
export const between = (low: number, high: number, random: SeededRandom): number => low * (high / low) ** random.next();

/** Draws a moment: half of the time one while there are commits, which may be the smaller part of the run. */
export function momentUs(text: ScenarioText, { random, base }: Drawing): number {
  const committingUs = (base.commits / perSecondOf(text)) * 1e6;
  const untilUs = random.next() < 0.5 && committingUs > 0 ? Math.min(committingUs, base.lengthUs) : base.lengthUs;
  return Math.round(rounded(random.next() * untilUs));
}

/** Draws the moment of a compaction: half of the time, when there is a stall, one soon after its end. */
export function compactionMomentUs(text: ScenarioText, drawing: Drawing): number {
  const { random } = drawing;
  const stalls = (text.actions ?? []).filter(({ stall }) => stall !== undefined);
  if (stalls.length === 0 || random.next() < 0.5) return momentUs(text, drawing);
  const stall = random.pick(stalls);
  const endUs = parseDuration(stall.at) + parseDuration(stall.for!);
  return Math.round(rounded(endUs + random.exponential(AFTER_STALL_US)));
}

export const stallUs = ({ random, base }: Drawing): number =>
  rounded(between(MIN_STALL_US, Math.max(base.lengthUs, 2 * MIN_STALL_US), random));

/** Draws a revision a few behind the newest one, where watchers that keep up stand. */
export const closeBehind = ({ random }: Drawing): { behind: number } => ({
  behind: random.between(0, MAX_CLOSE_BEHIND),
});
