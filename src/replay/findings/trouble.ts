// The troubles that a replay can have: a guarantee was broken, or a watcher was later than allowed.

import type { Guarantee, Violation } from '../guarantees/guarantees.js';
import type { Limits } from '../run/replay-options.js';
import type { Exceeded } from './limits.js';

export type Trouble =
  | { readonly rule: Guarantee; readonly violation: Violation }
  | { readonly rule: keyof Limits; readonly exceeded: Exceeded };

/** Returns the broken guarantees first, then the exceeded limits. */
export function troublesOf(violations: readonly Violation[], exceeded: readonly Exceeded[]): readonly Trouble[] {
  return [
    ...violations.map((violation) => ({ rule: violation.guarantee, violation })),
    ...exceeded.map((late) => ({ rule: late.limit, exceeded: late })),
  ];
}
