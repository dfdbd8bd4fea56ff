// Says in words what the watch caches of apiservers came to: a line for each cache, and below it one for each client.

import type { CacheClientSummary, CacheSummary } from '../../replay/run/cache/cache-summary.js';
import { plural } from '../terminal/plural.js';
import { escapeText } from '../terminal/text.js';
import { seconds } from './time-text.js';

/** Returns how often something happened. */
export const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

function clientText(client: CacheClientSummary): string {
  const { events, revision, timesTerminated, timesTooOld, seenAsState, undelivered, maxDelayUs, maxDelayRev } = client;
  return [
    `${escapeText(client.client)}  ${plural(events, 'event')}, ${revision === undefined ? 'never there' : `at ${revision}`}`,
    ...(maxDelayUs > 0 ? [`at most ${seconds(maxDelayUs)} late, with revision ${maxDelayRev}`] : []),
    ...(timesTerminated > 0 ? [`cut off ${times(timesTerminated)}`] : []),
    ...(timesTooOld > 0 ? [`too old ${times(timesTooOld)}, and listed again`] : []),
    ...(seenAsState > 0 ? [`${seenAsState} of the cache's events seen only as state`] : []),
    ...(undelivered > 0 ? [`${undelivered} not delivered`] : []),
  ].join('; ');
}

/** Returns the lines, without newlines. A cache without clients has none. */
export function cacheLines(caches: readonly CacheSummary[]): string[] {
  return caches
    .filter(({ clients }) => clients.length > 0)
    .flatMap(({ watcher, revision, oldestRev, held, capacity, peakCapacity, timesRelisted, clients }) => {
      const size = peakCapacity > capacity ? `${capacity}, at most ${peakCapacity}` : `${capacity}`;
      const window = held === 0 ? 'no events' : `${plural(held, 'event')} from revision ${oldestRev} on`;
      const relisted = timesRelisted > 0 ? `; listed again ${times(timesRelisted)}` : '';
      return [
        `${escapeText(watcher)}: the cache is at ${revision}, with ${window}, of ${size}${relisted}`,
        ...clients.map((client) => `  ${clientText(client)}`),
      ];
    });
}
