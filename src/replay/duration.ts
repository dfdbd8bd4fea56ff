// Times as scenarios write them: a number with its unit.

import { MvccwError } from '../errors.js';

const UNIT_US: Readonly<Record<string, number>> = { us: 1, ms: 1000, s: 1e6, m: 60e6 };

/** What a time has to match, in the form that JSON schemas take. */
export const DURATION_PATTERN = '^[0-9]+(\\.[0-9]+)?(us|ms|s|m)$';

/** µs of a text that matches DURATION_PATTERN. Throws USAGE for more than a number holds exactly. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^([0-9.]+)(us|ms|s|m)$/.exec(text)!;
  const us = Math.round(Number(amount) * UNIT_US[unit!]!);
  if (!Number.isSafeInteger(us)) {
    throw new MvccwError('USAGE', `${text} is too long a time`, {
      hint: `at most ${formatDuration(Number.MAX_SAFE_INTEGER)}`,
    });
  }
  return us;
}

/** A whole number of µs as a time. */
export function formatDuration(us: number): string {
  if (us >= 1e6) return `${us / 1e6}s`;
  return us > 0 && us % 1000 === 0 ? `${us / 1000}ms` : `${us}us`;
}
