// Tells the life of an event in sentences.

import { intervalOf } from '../../mvcc/key-range.js';
import type { Explanation } from '../../replay/findings/explain.js';
import { BEHAVIOURS } from '../../replay/releases/etcd-release.js';
import type { EventName } from '../../replay/run/event-name.js';
import type { ClientEntry } from '../../replay/run/trace.js';
import { intervalText } from '../formats/interval-text.js';
import { whyPrevKvIsMissing } from '../formats/missing-prev-kv.js';
import { plural } from '../terminal/plural.js';
import { escapeText } from '../terminal/text.js';
import { seconds, type TimeText } from './time-text.js';
import { reasonOf } from './trace-text.js';

type Teller = {
  [Says in Explanation['says']]: (part: Extract<Explanation, { says: Says }>, event: EventName) => string;
};

const CLIENT: Readonly<Record<ClientEntry['what'], (entry: ClientEntry) => string>> = {
  disconnected: () => 'lost the connection',
  cancelled: () => 'cancelled it, without a connection',
  resumed: ({ startRev }) => `resumed from revision ${startRev}`,
  relisted: ({ startRev }) => `listed what was there at revision ${startRev! - 1}, and goes on from ${startRev}`,
};

function issueOf(behaviour: keyof typeof BEHAVIOURS): string {
  const { issue } = BEHAVIOURS[behaviour];
  return issue === undefined ? '' : ` (etcd issue ${issue})`;
}

/** What is known of the revision of an event. */
export interface CommitFacts {
  /** How exact the time of its commit is, as ` ± 1.3s`. */
  readonly exactness: string;
  /** Where it comes from. */
  readonly origin: readonly string[];
}

const NO_FACTS: CommitFacts = { exactness: '', origin: [] };

/** Returns what tells each part, with times as `at` writes them. */
const tellers = (at: TimeText, { exactness, origin }: CommitFacts): Teller => ({
  noSuchEvent: ({ endRev }, { revision }) =>
    revision > endRev
      ? `The history has no such event: what is replayed of it ends at revision ${endRev}.`
      : 'The history has no such event.',
  notCommitted: ({ timeUs, currentRev }) =>
    `Nothing of that revision was committed by the end, at ${at(timeUs)}: the store stood at revision ${currentRev}.`,
  committed: ({ timeUs, type }) => {
    const when =
      timeUs === undefined ? 'was there before the replay began' : `was committed at ${at(timeUs)}${exactness}`;
    return `The ${type} ${when}${origin.length === 0 ? '' : `: ${origin.join(', ')}`}.`;
  },
  outOfRange: ({ range }) => `It is out of the watcher's range, ${intervalText(intervalOf(range))}.`,
  filtered: ({ type }) => `The watcher's filter leaves out every ${type}.`,
  beforeStart: ({ startRev }) => `The watcher starts later, at revision ${startRev}.`,
  neverStarted: () => 'The watcher was never started.',
  refused: ({ timeUs }) => `The server refused the watcher at ${at(timeUs)}: no revision below 1 can be watched.`,
  group: ({ entry, before }) =>
    before
      ? `The watcher had been ${entry.to} since ${at(entry.timeUs)}: ${reasonOf(entry)}.`
      : `At ${at(entry.timeUs)} it was ${entry.to}: ${reasonOf(entry)}.`,
  client: ({ entry, before }) =>
    before
      ? `Before that, at ${at(entry.timeUs)}, its client ${CLIENT[entry.what](entry)}.`
      : `At ${at(entry.timeUs)} its client ${CLIENT[entry.what](entry)}.`,
  read: ({ entry }) => `Sync pass ${entry.pass}, at ${at(entry.timeUs)}, read it.`,
  delivered: ({ entry, batch, place, delayUs }) =>
    `It was delivered at ${at(entry.timeUs)} via ${entry.via}, in batch ${batch}, as event ${place} of ${entry.events.length}, ${seconds(delayUs)} after it was there; the response had waited ${seconds(entry.timeUs - entry.sentUs)} in its stream.`,
  withoutPrevKv: (missing) =>
    `It came without the record before, which the watcher asked for: ${whyPrevKvIsMissing(missing)} (etcd issue 10681).`,
  deliveredAgain: ({ entry }) => `It was delivered again at ${at(entry.timeUs)} via ${entry.via}.`,
  notHandled: ({ handled, of, brokenUs, lost }) =>
    `Its client had dealt with ${handled} of these ${of} events when its connection broke at ${at(brokenUs)}, and ${lost ? 'goes on behind this one: it is lost' : 'asks for this one again'}.`,
  undone: ({ timeUs, currentRev, byBackup }) =>
    byBackup
      ? `At ${at(timeUs)} the store was restored from a backup of revision ${currentRev}, where it is not there.`
      : `At ${at(timeUs)} a restart set the store back to revision ${currentRev}, where it is not there${issueOf('scheduledCompactRev')}.`,
  skipped: ({ entry, restored }) =>
    `It was never delivered: its client resumed from revision ${entry.startRev}, which lies behind it${restored ? '; so far it had come before the store was restored from a backup (etcd issue 16028)' : ''}.`,
  seenAsState: ({ entry }) =>
    `It was never delivered: at ${at(entry.timeUs)} its client listed what was there at revision ${entry.startRev! - 1}, and saw of it only what was left then.`,
  goneBefore: ({ timeUs }) => `It was never delivered: the restore at ${at(timeUs)} took it back before.`,
  cancelled: ({ timeUs, compactRev }) =>
    `It was never delivered: the watcher was cancelled at ${at(timeUs)}, as all below revision ${compactRev} was compacted.`,
  left: ({ timeUs }) => `It was never delivered: its client cancelled the watcher at ${at(timeUs)}.`,
  lostTo: ({ behaviour }) =>
    `It was never delivered: in this release ${BEHAVIOURS[behaviour].about}${issueOf(behaviour)}.`,
  overtaken: ({ minRev, compactRev }) =>
    `It was not delivered by the end, and cannot be: the watcher needs revision ${minRev}, and all below ${compactRev} is compacted.`,
  notTaken: ({ stream, queued }) =>
    `It was not delivered by the end: ${plural(queued, 'response')} that nobody has taken in stream ${escapeText(stream)}.`,
  notYet: ({ group }) => `It was not delivered by the end: the watcher is ${group.to}.`,
});

/** The names of all parts of an explanation. */
export const EXPLANATION_PARTS: readonly string[] = Object.keys(tellers(seconds, NO_FACTS));

/** Returns a part of an explanation as one sentence. */
export function explanationText(
  part: Explanation,
  event: EventName,
  at: TimeText = seconds,
  facts: CommitFacts = NO_FACTS,
): string {
  return (tellers(at, facts)[part.says] as (part: Explanation, event: EventName) => string)(part, event);
}
