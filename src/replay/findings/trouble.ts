// What can be wrong with a replay: a guarantee that was broken, or a watcher that was later than allowed.

import type { Guarantee, Violation } from '../guarantees/guarantees.js';
import type { Limits } from '../run/replay-options.js';
import type { Exceeded } from './limits.js';

export type Trouble =
  | { readonly rule: Guarantee; readonly violation: Violation }
  | { readonly rule: keyof Limits; readonly exceeded: Exceeded };

/** Broken guarantees first. */
export function troublesOf(violations: readonly Violation[], exceeded: readonly Exceeded[]): readonly Trouble[] {
  return [
    ...violations.map((violation) => ({ rule: violation.guarantee, violation })),
    ...exceeded.map((late) => ({ rule: late.limit, exceeded: late })),
  ];
}
