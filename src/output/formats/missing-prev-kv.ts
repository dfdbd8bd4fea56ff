// Says in words which events come without the record before, and why.

import type { DeliveredEvent, MissingPrevKv } from '../../watch/prev-kv.js';
import { plural } from '../terminal/plural.js';
import { eventNameText } from './event-name-text.js';

/** Returns a clause about one event: `revision 3 is compacted, the window begins at 4`. */
export function whyPrevKvIsMissing({ atRev, compactRev }: MissingPrevKv): string {
  return `revision ${atRev} is compacted, the window begins at ${compactRev}`;
}

/** Returns a sentence about the events of one response; undefined when no record is missing. */
export function missingPrevKvHint(events: readonly DeliveredEvent[]): string | undefined {
  const without = events.filter(({ missingPrevKv }) => missingPrevKv !== undefined);
  const [first] = without;
  if (first === undefined) return undefined;
  const name = eventNameText(first.kv.key, first.kv.modRevision);
  const which = without.length === 1 ? name : `${plural(without.length, 'event')}, the first is ${name}`;
  return `the record before is missing for ${which}: ${whyPrevKvIsMissing(first.missingPrevKv!)} (etcd issue 10681)`;
}
