// What a watcher leaves out, in etcd's names; people name the events themselves.

import { MvccwError } from '../errors.js';
import type { WatchEvent } from '../mvcc/record.js';

/** All puts, or all deletes. */
export type EventFilter = 'noput' | 'nodelete';

/** The filter that leaves out events of a type. */
export const FILTER_OF: Readonly<Record<WatchEvent['type'], EventFilter>> = { PUT: 'noput', DELETE: 'nodelete' };

const WORDS: Readonly<Record<EventFilter, string>> = { noput: 'put', nodelete: 'delete' };

/** The word for what a filter leaves out. */
export function filterWord(filter: EventFilter): string {
  return WORDS[filter];
}

/** What to leave out: `put` or `delete`. Throws USAGE. */
export function parseFilter(text: string): EventFilter {
  const filter = (Object.keys(WORDS) as EventFilter[]).find((name) => WORDS[name] === text);
  if (filter !== undefined) return filter;
  throw new MvccwError('USAGE', `filter ${JSON.stringify(text)} is not known`, {
    hint: `a filter names the events to leave out: ${Object.values(WORDS).join(' or ')}`,
  });
}
