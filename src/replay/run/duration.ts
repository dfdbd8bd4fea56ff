// A time in a scenario is a number with its unit. This file reads and writes it.

import { MvccwError } from '../../errors.js';

const UNIT_US: Readonly<Record<string, number>> = { us: 1, ms: 1000, s: 1e6, m: 60e6 };

/** The pattern of a time, in the form that JSON schemas take. */
export const DURATION_PATTERN = '^[0-9]+(\\.[0-9]+)?(us|ms|s|m)$';

/** The longest time, 285 years, is the most that a number holds exactly. */
export const MAX_DURATION_US = Number.MAX_SAFE_INTEGER;

/** Returns the µs of a text that matches DURATION_PATTERN. Throws USAGE for more than a number holds exactly. */
export function parseDuration(text: string): number {
  const [, whole, fraction, unit] = /^([0-9]+)(\.[0-9]+)?(us|ms|s|m)$/.exec(text)!;
  const unitUs = UNIT_US[unit!]!;
  // The whole part and the fraction are read apart, as together they may have more digits than a number holds.
  const us = Number(whole) * unitUs + Math.round(Number(fraction ?? 0) * unitUs);
  if (us <= MAX_DURATION_US) return us;
  throw new MvccwError('USAGE', `${text} is too long a time`, { hint: `at most ${formatDuration(MAX_DURATION_US)}` });
}

/** Returns a whole number of µs as a time, of which parseDuration makes the same number. */
export function formatDuration(us: number): string {
  if (us >= 1e6) {
    // us / 1e6 would lose the last digit of the longest times.
    const fraction = String(us % 1e6)
      .padStart(6, '0')
      .replace(/0+$/, '');
    return `${Math.floor(us / 1e6)}${fraction === '' ? '' : `.${fraction}`}s`;
  }
  return us > 0 && us % 1000 === 0 ? `${us / 1000}ms` : `${us}us`;
}
