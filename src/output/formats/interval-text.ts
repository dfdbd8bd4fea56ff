// Writes intervals of keys as people do: `[b, d)`, `[p, ∞)`, and a single key as itself.

import type { Interval } from '../../adt/interval.js';
import { escapeBytes } from '../terminal/text.js';

/** Returns the end of an interval; '' is infinity. */
export function endText(end: string): string {
  return end === '' ? '∞' : escapeBytes(end);
}

/** Returns an interval with its keys escaped, for a pipe too: raw bytes would break a drawing or a table. */
export function intervalText({ begin, end }: Interval): string {
  return end === `${begin}\0` ? escapeBytes(begin) : `[${escapeBytes(begin)}, ${endText(end)})`;
}
