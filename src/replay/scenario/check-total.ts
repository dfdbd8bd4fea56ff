import { MvccwError } from '../../errors.js';

/** Checks a number before anything is made, as too much would end the process. Throws USAGE. */
export function checkTotal(total: number, maximum: number, what: string): void {
  if (total <= maximum) return;
  throw new MvccwError('USAGE', `there are ${total} ${what}`, { hint: `at most ${maximum}` });
}
