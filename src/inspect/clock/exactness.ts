// Says in a sentence how exact the times of a clock are.

import { spanText } from '../../adt/span-text.js';
import type { Window } from '../../mvcc/window.js';
import { clockFacts } from './clock-facts.js';
import type { WallClock } from './wall-clock.js';

export function exactness(clock: WallClock, window: Window): string {
  const { medianBoundUs, maxBoundUs, unbounded, wrong, leftOut, inDoubt } = clockFacts(clock, window);
  const exact =
    medianBoundUs === undefined || maxBoundUs === undefined
      ? 'how exact they are is not known'
      : `exact to ${spanText(medianBoundUs)} for half of the revisions and to ${spanText(maxBoundUs)} at worst`;
  const without = unbounded > 0 && medianBoundUs !== undefined ? `, and not known for ${unbounded}` : '';
  const unused = wrong.length === 0 && leftOut === 0 ? '' : '; some contradict the others, and are not used';
  const doubt = inDoubt ? '; they contradict each other' : '';
  return `times of revisions are from ${clock.from}, ${exact}${without}${unused}${doubt}; \`mvccw when\` tells more`;
}
