// Holds the lateness of watchers, and the memory of pending events, against the limits that a user sets, beside the
// guarantees that etcd gives.

import { ALL_ON_STREAM } from '../../requests/watch-spec.js';
import type { EventName } from '../run/event-name.js';
import type { Limits } from '../run/replay-options.js';
import type { ReplaySummary } from './summary.js';

/** A watcher that was later than allowed, or the memory that all of them took. */
export interface Exceeded {
  /** The name of the watcher; `*` for all of them. */
  readonly watcher: string;
  /** The client of the watch cache that the watcher fills, if it is that which was late. */
  readonly client?: string | undefined;
  readonly limit: keyof Limits;
  readonly allowed: number;
  readonly found: number;
  /** The event that was so late, or that the watcher was waiting for when it was farthest behind. */
  readonly event?: EventName | undefined;
  /** The revision of the event that came so late to a client. */
  readonly revision?: number | undefined;
  /** The time when the most memory was held. */
  readonly timeUs?: number | undefined;
}

export function exceededLimits(
  { watchers, caches, memory }: Pick<ReplaySummary, 'watchers' | 'caches' | 'memory'>,
  { lagRevs = Number.POSITIVE_INFINITY, delayUs = Number.POSITIVE_INFINITY, memoryBytes }: Limits,
): readonly Exceeded[] {
  const large: Exceeded[] = [];
  const { peakBytes: found, peakUs: timeUs } = memory;
  if (memoryBytes !== undefined && found > memoryBytes) {
    large.push({ watcher: ALL_ON_STREAM, limit: 'memoryBytes', allowed: memoryBytes, found, timeUs });
  }
  const all = watchers.flatMap(({ watcher, maxLagRevs, maxLagEvent, maxDelayUs, maxDelayEvent }) => {
    const late: Exceeded[] = [];
    if (maxLagEvent !== undefined && maxLagRevs > lagRevs) {
      late.push({ watcher, limit: 'lagRevs', allowed: lagRevs, found: maxLagRevs, event: maxLagEvent });
    }
    if (maxDelayEvent !== undefined && maxDelayUs > delayUs) {
      late.push({ watcher, limit: 'delayUs', allowed: delayUs, found: maxDelayUs, event: maxDelayEvent });
    }
    return late;
  });
  const clients = caches.flatMap(({ watcher, clients }) =>
    clients
      .filter(({ maxDelayUs }) => maxDelayUs > delayUs)
      .map(
        ({ client, maxDelayUs, maxDelayRev: revision }): Exceeded => ({
          watcher,
          client,
          limit: 'delayUs',
          allowed: delayUs,
          found: maxDelayUs,
          revision,
        }),
      ),
  );
  return [...all, ...clients, ...large];
}
