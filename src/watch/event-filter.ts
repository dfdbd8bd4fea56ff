// A filter says which events a watcher leaves out. etcd names a filter by what it leaves out ("noput"); people name the
// events themselves ("put").

import { MvccwError } from '../errors.js';
import type { WatchEvent } from '../mvcc/record.js';

/** A filter leaves out all puts, or all deletes. */
export type EventFilter = 'noput' | 'nodelete';

/** Names, for each type of event, the filter that leaves it out. */
export const FILTER_OF: Readonly<Record<WatchEvent['type'], EventFilter>> = { PUT: 'noput', DELETE: 'nodelete' };

const WORDS: Readonly<Record<EventFilter, string>> = { noput: 'put', nodelete: 'delete' };

export const FILTER_WORDS = Object.values(WORDS);

/** Returns the word for what a filter leaves out. */
export function filterWord(filter: EventFilter): string {
  return WORDS[filter];
}

/** Returns the filter that leaves out what the text names, `put` or `delete`. Throws USAGE. */
export function parseFilter(text: string): EventFilter {
  const filter = (Object.keys(WORDS) as EventFilter[]).find((name) => WORDS[name] === text);
  if (filter !== undefined) return filter;
  throw new MvccwError('USAGE', `filter ${JSON.stringify(text)} is not known`, {
    hint: `a filter names the events to leave out: ${FILTER_WORDS.join(' or ')}`,
  });
}

/** Tells whether a word of JSON names a filter. */
export function isFilter(word: unknown): word is EventFilter {
  return typeof word === 'string' && Object.hasOwn(WORDS, word);
}
