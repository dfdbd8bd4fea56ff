// Filters as people write them.

import { MvccwError } from '../errors.js';
import type { EventFilter } from './watcher.js';

/** What to leave out: `put` or `delete`. Throws USAGE. */
export function parseFilter(text: string): EventFilter {
  if (text === 'put') return 'noput';
  if (text === 'delete') return 'nodelete';
  throw new MvccwError('USAGE', `filter ${JSON.stringify(text)} is not known`, {
    hint: 'a filter names the events to leave out: put or delete',
  });
}
