// Says in words what the entries of a replay's trace tell. Responses have printers of their own.

import type {
  ActionEntry,
  ActionOutcome,
  AnswerEntry,
  CacheClientEntry,
  ClientEntry,
  CommitEntry,
  EndEntry,
  FragmentEntry,
  GroupEntry,
  PassEntry,
  TraceEntry,
} from '../../replay/run/trace.js';
import type { Because } from '../../watch/watch-observer.js';
import { plural } from '../terminal/plural.js';
import { escapeMessage, escapeText } from '../terminal/text.js';
import { seconds, type TimeText } from './time-text.js';

const BECAUSE: Readonly<Record<Because, (entry: GroupEntry) => string>> = {
  started: ({ to, minRev, currentRev }) =>
    to === 'synced'
      ? `it wants what comes from revision ${minRev} on, and the store stands at ${currentRev}`
      : `it wants revision ${minRev}, and the store already stands at ${currentRev}`,
  streamFull: ({ minRev }) => `its stream had no room for what goes up to revision ${minRev - 1}`,
  delivered: ({ to, minRev, currentRev }) =>
    to === 'synced'
      ? `its response found room, and nothing newer than revision ${currentRev} is there`
      : `its response found room, but revisions ${minRev} to ${currentRev} were written meanwhile`,
  caughtUp: ({ currentRev }) => `it was sent everything up to revision ${currentRev}`,
  nothingToRead: ({ currentRev }) => `nothing up to revision ${currentRev} is for it`,
  compacted: ({ compactRev, minRev }) => `it needs revision ${minRev}, and all below ${compactRev} is compacted`,
  compactedButKept: ({ compactRev, minRev }) =>
    `it needs revision ${minRev}, and all below ${compactRev} is compacted; it was told, but stays in the group and will be told again (etcd issue 22294)`,
  cancelDelayed: ({ compactRev, minRev }) =>
    `it needs revision ${minRev}, and all below ${compactRev} is compacted, but its stream had no room to say so`,
  lostToCompaction: ({ compactRev, currentRev }) =>
    `all below revision ${compactRev} is compacted, its stream had no room to say so, and it is taken as synced at ${currentRev} all the same: its events are lost (etcd issue 17529)`,
  restored: () => 'the store was restored from a snapshot',
  cancelled: () => 'its client cancelled it',
  disconnected: () => 'the connection of its client broke',
};

/** The names of all reasons. */
export const REASONS: readonly string[] = Object.keys(BECAUSE);

/** Returns why a watcher is in its group, as a clause. */
export function reasonOf(entry: GroupEntry): string {
  return BECAUSE[entry.because](entry);
}

function groupText(entry: GroupEntry): string {
  const { watcher, from, to, pass } = entry;
  const move = from === undefined ? `starts ${to}` : from === to ? `stays ${to}` : `${from} -> ${to}`;
  const where = pass === undefined ? '' : ` in pass ${pass}`;
  return `${escapeText(watcher)}  ${move}${where}: ${reasonOf(entry)}`;
}

function passText({ pass, chosen, minRev, currentRev, costUs }: PassEntry): string {
  const read = minRev === undefined ? 'nothing to read' : `reads revisions ${minRev} to ${currentRev}`;
  const cost = costUs === 0 ? '' : `, which takes ${seconds(costUs)}`;
  return `pass ${pass}: ${plural(chosen.length, 'watcher')}, ${read}${cost}`;
}

const commitText = ({ revision, events }: CommitEntry): string =>
  `commit: revision ${revision}, ${plural(events.length, 'event')}`;

const OUTCOMES: Readonly<Record<ActionOutcome, string>> = {
  notSynced: 'no answer, as some watcher of the stream is not synced or waits for its start',
  deferred: 'the answer waits until every watcher of the stream is synced',
  swallowed: 'no answer, as a request before it waits for one (etcd issue 17507)',
  noWatchers: 'no answer, as the stream has no watchers',
  streamFull: 'no answer, as the stream was full',
  notConnected: 'no answer, as the client has no connection',
};

/** The names of all that may become of an action. */
export const ACTION_OUTCOMES: readonly string[] = Object.keys(OUTCOMES);

/** Returns what the scenario made happen. */
export function actionText({ action, error, outcome, restored }: ActionEntry): string {
  if (error !== undefined) return `${escapeText(action)}: refused, ${escapeMessage(error)}`;
  if (restored !== undefined) {
    const { backupRev, revision } = restored;
    const bumped = revision === backupRev ? '' : `, with what was there at ${backupRev}`;
    return `${escapeText(action)}: the store is at ${revision}${bumped}`;
  }
  return outcome === undefined ? escapeText(action) : `${escapeText(action)}: ${OUTCOMES[outcome]}`;
}

const ANSWERS: Readonly<Record<AnswerEntry['what'], string>> = {
  created: 'is told that it is created',
  cancelled: 'is told that it is cancelled',
  refused: 'is refused: no revision below 1 can be watched',
};

const answerText = ({ watcher, what, revision }: AnswerEntry): string =>
  `${escapeText(watcher)}  ${ANSWERS[what]}, the store at ${revision}`;

const fragmentText = ({ watcher, events }: FragmentEntry): string =>
  `${escapeText(watcher)}  a part of a response: ${plural(events, 'event')}, and more to come`;

function clientText({ watcher, what, startRev }: ClientEntry): string {
  const name = escapeText(watcher);
  if (what === 'relisted') return `${name}  listed at revision ${startRev! - 1}, and watches from ${startRev}`;
  return `${name}  ${what}${startRev === undefined ? '' : ` from revision ${startRev}`}`;
}

const CACHE_CLIENT: Readonly<Record<CacheClientEntry['what'], (revision: number) => string>> = {
  listed: (revision) => `lists at revision ${revision}, and watches from behind it`,
  watches: (revision) => `watches from behind revision ${revision}`,
  terminated: (revision) => `is cut off behind revision ${revision}, as its channel was full or the cache began anew`,
  tooOld: (revision) => `wants what comes behind revision ${revision}, which the cache no longer has`,
  left: (revision) => `leaves at revision ${revision}`,
};

const cacheClientText = ({ watcher, client, what, revision }: CacheClientEntry): string =>
  `${escapeText(watcher)}  client ${escapeText(client)} of the cache ${CACHE_CLIENT[what](revision)}`;

const endText = ({ currentRev, streams }: EndEntry): string => {
  const left = streams
    .filter(({ queued }) => queued > 0)
    .map(({ stream, queued }) => `${queued} in ${escapeText(stream)}`);
  return `end: the store at revision ${currentRev}${left.length === 0 ? '' : `; not taken: ${left.join(', ')}`}`;
};

/** Returns one line of text without its newline, which is not a byte string yet. */
export function traceText(entry: Exclude<TraceEntry, { kind: 'response' }>, at: TimeText = seconds): string {
  const text = {
    group: () => groupText(entry as GroupEntry),
    pass: () => passText(entry as PassEntry),
    commit: () => commitText(entry as CommitEntry),
    action: () => actionText(entry as ActionEntry),
    answer: () => answerText(entry as AnswerEntry),
    fragment: () => fragmentText(entry as FragmentEntry),
    client: () => clientText(entry as ClientEntry),
    cacheClient: () => cacheClientText(entry as CacheClientEntry),
    end: () => endText(entry as EndEntry),
  }[entry.kind]();
  return `${at(entry.timeUs)}  ${text}`;
}
