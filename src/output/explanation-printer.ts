// Tells the life of an event in sentences.

import { utf8 } from '../mvcc/byte-string.js';
import { intervalOf } from '../mvcc/key-range.js';
import { BEHAVIOURS } from '../replay/etcd-release.js';
import type { EventName } from '../replay/event-name.js';
import type { Explanation } from '../replay/explain.js';
import type { ClientEntry } from '../replay/trace.js';
import { fill } from './fill.js';
import { intervalText } from './interval-text.js';
import { toJson } from './json.js';
import { plural } from './plural.js';
import type { Style } from './style.js';
import { escapeBytes, escapeText } from './text.js';
import { reasonOf, seconds } from './trace-text.js';

type Teller = { [Says in Explanation['says']]: (part: Extract<Explanation, { says: Says }>) => string };

const CLIENT: Readonly<Record<ClientEntry['what'], (entry: ClientEntry) => string>> = {
  disconnected: () => 'lost the connection',
  cancelled: () => 'cancelled it, without a connection',
  resumed: ({ startRev }) => `resumed from revision ${startRev}`,
};

const TELL: Teller = {
  noSuchEvent: () => 'The history has no such event.',
  committed: ({ timeUs, type }) =>
    timeUs === undefined
      ? `The ${type} was there before the replay began.`
      : `The ${type} was committed at ${seconds(timeUs)}.`,
  outOfRange: ({ range }) => `It is out of the watcher's range, ${intervalText(intervalOf(range))}.`,
  filtered: ({ type }) => `The watcher's filter leaves out every ${type}.`,
  beforeStart: ({ startRev }) => `The watcher starts later, at revision ${startRev}.`,
  neverStarted: () => 'The watcher was never started.',
  group: ({ entry, before }) =>
    before
      ? `The watcher had been ${entry.to} since ${seconds(entry.timeUs)}: ${reasonOf(entry)}.`
      : `At ${seconds(entry.timeUs)} it was ${entry.to}: ${reasonOf(entry)}.`,
  client: ({ entry }) => `At ${seconds(entry.timeUs)} its client ${CLIENT[entry.what](entry)}.`,
  read: ({ entry }) => `Sync pass ${entry.pass}, at ${seconds(entry.timeUs)}, read it.`,
  delivered: ({ entry, batch, place, delayUs }) =>
    `It was delivered at ${seconds(entry.timeUs)} via ${entry.via}, in batch ${batch}, as event ${place} of ${entry.events.length}, ${seconds(delayUs)} after it was there; the response had waited ${seconds(entry.timeUs - entry.sentUs)} in its stream.`,
  deliveredAgain: ({ entry }) => `It was delivered again at ${seconds(entry.timeUs)} via ${entry.via}.`,
  notHandled: ({ handled, of, brokenUs }) =>
    `Its client had dealt with ${handled} of these ${of} events when its connection broke at ${seconds(brokenUs)}, and goes on behind them: it is lost.`,
  skipped: ({ entry }) =>
    `It was never delivered: its client resumed from revision ${entry.startRev}, which lies behind it.`,
  cancelled: ({ entry }) =>
    `It was never delivered: the watcher was cancelled at ${seconds(entry.timeUs)}, as all below revision ${entry.compactRevision} was compacted.`,
  lostTo: ({ behaviour }) => {
    const { issue, about } = BEHAVIOURS[behaviour];
    return `It was never delivered: in this release ${about}${issue === undefined ? '' : ` (etcd issue ${issue})`}.`;
  },
  notTaken: ({ stream, queued }) =>
    `It was not delivered by the end: ${plural(queued, 'response')} that nobody has taken in stream ${escapeText(stream)}.`,
  notYet: ({ group }) => `It was not delivered by the end: the watcher is ${group.to}.`,
};

function tell(part: Explanation): string {
  return (TELL[part.says] as (part: Explanation) => string)(part);
}

type Printer = (event: EventName, watcher: string, parts: readonly Explanation[], style: Style) => string;

export const EXPLANATION_PRINTERS: Readonly<Record<string, Printer>> = {
  simple(event, watcher, parts, { columns }) {
    const head = `${escapeBytes(event.key)} at revision ${event.revision}, for ${escapeText(watcher)}:\n`;
    return utf8(head + parts.map((part) => `${fill(`  ${tell(part)}`, columns, 4)}\n`).join(''));
  },
  json: (event, watcher, parts) =>
    utf8(
      `${toJson({ key: Buffer.from(event.key, 'latin1'), revision: event.revision, watcher, says: parts.map((part) => ({ says: part.says, text: tell(part) })) })}\n`,
    ),
};
