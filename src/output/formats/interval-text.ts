// Intervals of keys as people write them: `[b, d)`, `[p, ∞)`, and a single key as itself.

import type { Interval } from '../../adt/interval.js';
import { escapeBytes } from '../terminal/text.js';

/** The end of an interval; '' is infinity. */
export function endText(end: string): string {
  return end === '' ? '∞' : escapeBytes(end);
}

/** Escaped wherever it goes: a drawing or a table of raw bytes would fall apart. */
export function intervalText({ begin, end }: Interval): string {
  return end === `${begin}\0` ? escapeBytes(begin) : `[${escapeBytes(begin)}, ${endText(end)})`;
}
