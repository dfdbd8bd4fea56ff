// Holds the lateness of watchers against the limits that a user sets, beside the guarantees that etcd gives.

import type { EventName } from '../run/event-name.js';
import type { Limits } from '../run/replay-options.js';
import type { ReplaySummary } from './summary.js';

/** A watcher that was later than allowed. */
export interface Exceeded {
  readonly watcher: string;
  readonly limit: keyof Limits;
  readonly allowed: number;
  readonly found: number;
  /** The event that was so late, or that the watcher was waiting for when it was farthest behind. */
  readonly event: EventName;
}

export function exceededLimits(
  { watchers }: Pick<ReplaySummary, 'watchers'>,
  { lagRevs = Number.POSITIVE_INFINITY, delayUs = Number.POSITIVE_INFINITY }: Limits,
): readonly Exceeded[] {
  return watchers.flatMap(({ watcher, maxLagRevs, maxLagEvent, maxDelayUs, maxDelayEvent }) => {
    const late: Exceeded[] = [];
    if (maxLagEvent !== undefined && maxLagRevs > lagRevs) {
      late.push({ watcher, limit: 'lagRevs', allowed: lagRevs, found: maxLagRevs, event: maxLagEvent });
    }
    if (maxDelayEvent !== undefined && maxDelayUs > delayUs) {
      late.push({ watcher, limit: 'delayUs', allowed: delayUs, found: maxDelayUs, event: maxDelayEvent });
    }
    return late;
  });
}
