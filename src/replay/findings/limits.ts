// How late a watcher may be: what a user allows, beside the guarantees that etcd gives.

import type { Limits } from '../run/replay-options.js';
import type { ReplaySummary } from './summary.js';

/** A watcher that was later than allowed. */
export interface Exceeded {
  readonly watcher: string;
  readonly limit: keyof Limits;
  readonly allowed: number;
  readonly found: number;
}

export function exceededLimits(
  { watchers }: Pick<ReplaySummary, 'watchers'>,
  { lagRevs = Number.POSITIVE_INFINITY, delayUs = Number.POSITIVE_INFINITY }: Limits,
): readonly Exceeded[] {
  return watchers.flatMap(({ watcher, maxLagRevs, maxDelayUs }) => {
    const both: Exceeded[] = [
      { watcher, limit: 'lagRevs', allowed: lagRevs, found: maxLagRevs },
      { watcher, limit: 'delayUs', allowed: delayUs, found: maxDelayUs },
    ];
    return both.filter(({ allowed, found }) => found > allowed);
  });
}
