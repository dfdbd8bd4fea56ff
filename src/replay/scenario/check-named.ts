// Names in a scenario that nothing has: a stream without a watcher, or an action for one that never is.

import { quoteText } from '../../bytes/key-text.js';
import { MvccwError } from '../../errors.js';
import { streamOf } from '../../requests/watch-spec.js';
import { allWatchers, type ReplayOptions } from '../run/replay-options.js';

/** Throws WATCHER_NOT_FOUND when a stream or an action is for a watcher or a stream that never is. */
export function checkNamed({ watchers, actions, streams }: ReplayOptions): void {
  const all = allWatchers({ watchers, actions });
  const names = new Set(all.map(({ name }) => name));
  const streamNames = new Set(all.map(streamOf));
  const cancelled = actions.flatMap((action) => (action.action === 'cancel' ? [action.watcher] : []));
  const unknown = cancelled.find((name) => !names.has(name));
  if (unknown !== undefined) {
    throw new MvccwError('WATCHER_NOT_FOUND', `no watcher is named ${quoteText(unknown)}`, {
      hint: `watchers are ${listed(names)}`,
    });
  }
  const used = [...streams.keys(), ...actions.flatMap((action) => ('stream' in action ? [action.stream] : []))];
  const unused = used.find((name) => !streamNames.has(name));
  if (unused !== undefined) {
    throw new MvccwError('WATCHER_NOT_FOUND', `no watcher is on stream ${quoteText(unused)}`, {
      hint: `streams are ${listed(streamNames)}; a watcher's own stream has the watcher's name`,
    });
  }
}

const MAX_LISTED = 10;

function listed(names: ReadonlySet<string>): string {
  const first = [...names].slice(0, MAX_LISTED).map(quoteText).join(', ');
  return names.size > MAX_LISTED ? `${first}, and ${names.size - MAX_LISTED} more` : first;
}
