// Draws smaller scenarios from a failing one: a shorter history, small buffers, and its actions at other times, as the
// old ones do not fit. What breaks in a long run mostly breaks in a short one too, but no single change leads there.

import { formatDuration } from '../run/duration.js';
import { SeededRandom } from '../run/random.js';
import type { ActionText, ScenarioText } from '../scenario/scenario-text.js';
import { closeBehind, type Drawing, momentUs, perSecondOf, rounded, stallUs } from './draw.js';

const COMMITS = [4, 8, 16, 32, 64];
const CHAN_BUF_LENS = [1, 2];
const RATE_FACTORS = [1, 1, 0.5, 0.2];
const SEEDS = 50;

export function* smallerDraws(text: ScenarioText): Iterable<ScenarioText> {
  for (const commits of COMMITS) {
    const shorter = cutTo(text, commits);
    if (shorter === undefined) continue;
    for (const chanBufLen of CHAN_BUF_LENS) {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const random = new SeededRandom(seed);
        const perSecond = rounded(perSecondOf(text) * random.pick(RATE_FACTORS));
        const lengthUs = 2 * (commits / perSecond) * 1e6;
        yield {
          ...shorter,
          arrivals: { ...(text.arrivals?.poisson && { poisson: true }), perSecond },
          parameters: { ...text.parameters, chanBufLen },
          ...actionsOf(text, { random, base: { commits, lengthUs, streams: [] } }),
        };
      }
    }
  }
}

/**
 * Returns the text with so many commits in the same proportions, or with the last ones of a recorded history; undefined
 * when there are not more than that.
 */
function cutTo(text: ScenarioText, wanted: number): ScenarioText | undefined {
  const { commits } = text.history;
  if (commits === undefined) {
    const { base = 0, to = 0 } = text;
    return to - base > wanted ? { ...text, base: to - wanted } : undefined;
  }
  const total = commits.reduce((sum, { repeat = 1 }) => sum + repeat, 0);
  if (total <= wanted) return undefined;
  const cut = commits.map((commit) => ({
    ...commit,
    repeat: Math.max(Math.round(((commit.repeat ?? 1) * wanted) / total), 1),
  }));
  return { ...text, history: { commits: cut } };
}

function actionsOf(text: ScenarioText, drawing: Drawing): Pick<ScenarioText, 'actions'> {
  if (text.actions === undefined) return {};
  return {
    actions: text.actions.map((action): ActionText => {
      const at = formatDuration(momentUs(text, drawing));
      if (action.compact !== undefined) return { at, compact: closeBehind(drawing) };
      return { ...action, at, ...(action.stall !== undefined && { for: formatDuration(stallUs(drawing)) }) };
    }),
  };
}
