// Says what an action was, and what became of it.

import type { ProgressOutcome } from '../../watch/server-stream.js';
import type { Action } from './replay-options.js';
import type { ActionOutcome } from './trace.js';

/** Returns the outcome of a progress request that shows no answer; an answer is a response of its own. */
export function progressOutcome(outcome: ProgressOutcome | undefined): ActionOutcome | undefined {
  if (outcome === undefined) return 'notConnected';
  return outcome === 'answered' ? undefined : outcome;
}

/** Returns what the scenario made happen, as a person would write it. */
export function describeAction(action: Action): string {
  switch (action.action) {
    case 'watch':
      return `watch ${action.watcher.name}`;
    case 'cancel':
      return `cancel ${action.watcher}`;
    case 'compact': {
      const { revision } = action;
      return `compact ${typeof revision === 'number' ? revision : `${revision.behind} behind`}`;
    }
    case 'restoreBackup': {
      const { revision, bumpRevision, markCompacted } = action;
      const backup = typeof revision === 'number' ? revision : `${revision.behind} behind`;
      const bump = bumpRevision > 0 ? `, bumped by ${bumpRevision}` : '';
      return `restore a backup of ${backup}${bump}${markCompacted ? ', marked compacted' : ''}`;
    }
    case 'progress':
      return `progress ${action.stream}`;
    case 'stall':
      return `stall ${action.stream}`;
    default:
      return action.action;
  }
}
