// Prints what the check of recorded streams has found, each finding when it comes, then each watch, and the whole at the
// end.

import { base64, utf8 } from '../../bytes/byte-string.js';
import type { Place } from '../../inspect/verify/recorded.js';
import type { VerifyTotals } from '../../inspect/verify/totals.js';
import type { Unjudged, VerifiedWatch } from '../../inspect/verify/verified-watch.js';
import type { VerifyFinding } from '../../inspect/verify/verify.js';
import { intervalOf } from '../../mvcc/key-range.js';
import type { Account } from '../../replay/guarantees/guarantees.js';
import { eventNameJson } from '../formats/api-json.js';
import { eventNameText } from '../formats/event-name-text.js';
import { inspectionLine } from '../formats/inspection-line.js';
import { intervalText } from '../formats/interval-text.js';
import { plural } from '../terminal/plural.js';
import type { Style } from '../terminal/style.js';
import { escapeText } from '../terminal/text.js';

/** The revisions that the store can tell of. */
interface Window {
  readonly compactRev: number;
  readonly currentRev: number;
}

interface VerifyPrinter {
  finding(stream: string, finding: VerifyFinding): string;
  watch(stream: string, watch: VerifiedWatch): string;
  end(totals: VerifyTotals, window: Window): string;
}

type MakePrinter = (style: Style) => VerifyPrinter;

const MAX_NAMES = 6;

function accountText({ count, first }: Account): string {
  const shown = first.slice(0, MAX_NAMES);
  const names = shown.map(({ key, revision }) => eventNameText(key, revision)).join(', ');
  return `${plural(count, 'event')}: ${names}${count > shown.length ? `, and ${count - shown.length} more` : ''}`;
}

function placeText(stream: string, { line, response }: Place): string {
  return `${escapeText(stream)}:${line}${response === undefined ? '' : `, response ${response}`}`;
}

function findingText(finding: VerifyFinding): string {
  if (finding.kind === 'violation') return finding.violation.message;
  const { watch, gap } = finding;
  const where = gap.fromRev === gap.toRev ? `at revision ${gap.fromRev}` : `from ${gap.fromRev} to ${gap.toRev}`;
  return `watcher ${escapeText(watch)}: no watch was there ${where}, for ${accountText(gap.missed)}`;
}

function revisionsText({ firstRevision, lastRevision }: VerifiedWatch): string {
  if (firstRevision === undefined) return '';
  return firstRevision === lastRevision
    ? ` of revision ${firstRevision}`
    : ` of revisions ${firstRevision} to ${lastRevision}`;
}

function unjudgedText({ events, belowFrom, aboveTo }: Unjudged): string | undefined {
  const places = [
    ...(belowFrom === undefined ? [] : [`from ${belowFrom} on, below the window`]),
    ...(aboveTo === undefined ? [] : [`up to ${aboveTo}, above it`]),
  ];
  if (places.length === 0 && events === 0) return undefined;
  return `not judged: ${plural(events, 'event')}${places.map((place) => `, ${place}`).join('')}`;
}

function watchText(watch: VerifiedWatch): string {
  const { range, responses, events, lost, repeated, fromRev } = watch;
  const of = range === undefined ? '' : ` of ${intervalText(intervalOf(range))}`;
  const from = fromRev === undefined ? '' : ` from revision ${fromRev} on`;
  const unjudged = unjudgedText(watch.unjudged);
  return [
    `watcher ${escapeText(watch.watch)}${of}${from}: ${plural(events, 'event')}${revisionsText(watch)} in ${plural(responses, 'response')}`,
    ...(lost.count > 0 ? [`lost ${accountText(lost)}`] : []),
    ...(repeated.count > 0 ? [`saw twice ${accountText(repeated)}`] : []),
    ...(unjudged === undefined ? [] : [unjudged]),
  ].join('; ');
}

function endText(totals: VerifyTotals, { compactRev, currentRev }: Window): string {
  const { watches, responses, events, lost, repeated, gaps, gapEvents, hiddenValues, behindRestore, broken } = totals;
  const read = `${plural(events, 'event')} in ${plural(responses, 'response')} of ${plural(watches, 'watch', 'watches')}`;
  const kinds = [...broken].map(([guarantee, count]) => `${guarantee} ${count}`).join(', ');
  const window = `the database tells of revisions ${Math.max(compactRev, 1)} to ${currentRev}`;
  return [
    `${read}: ${kinds === '' ? 'no guarantee is broken' : `broken: ${kinds}`}`,
    ...(lost > 0 ? [`${lost} lost`] : []),
    ...(repeated > 0 ? [`${repeated} seen twice`] : []),
    ...(gaps > 0 ? [`${plural(gaps, 'gap')} between watches, of ${plural(gapEvents, 'event')}`] : []),
    ...(hiddenValues > 0 ? [`${plural(hiddenValues, 'value')} hidden, and not compared`] : []),
    ...(behindRestore.responses > 0
      ? [`not judged: ${plural(behindRestore.events, 'event')} behind a restore from a backup, of another history`]
      : []),
    ...(totals.isComplete ? [] : [`not all could be judged: ${responses === 0 ? 'there is no response' : window}`]),
  ].join('; ');
}

const simple: MakePrinter = ({ colour }) => ({
  finding: (stream, finding) => utf8(`${colour.bold(placeText(stream, finding.place))}: ${findingText(finding)}\n`),
  watch: (stream, watch) => utf8(`${placeText(stream, watch.place)}: ${watchText(watch)}\n`),
  end: (totals, window) => utf8(`${endText(totals, window)}\n`),
});

const accountJson = ({ count, first }: Account): object => ({ count, first: first.map(eventNameJson) });

const json: MakePrinter = () => ({
  finding(stream, finding) {
    const at = { stream, ...finding.place };
    if (finding.kind === 'gap') {
      const { watch, gap } = finding;
      return inspectionLine('verify-gap', { ...at, watch, ...gap, missed: accountJson(gap.missed) });
    }
    const { watcher: watch, key, guarantee, revision, message, expected, found } = finding.violation;
    const name = { watch, guarantee, revision, key: key === undefined ? undefined : base64(key) };
    return inspectionLine('verify-violation', { ...at, ...name, message, expected, found });
  },
  watch(stream, { place, range, lost, repeated, ...watch }) {
    const asked = {
      key: range && base64(range.key),
      rangeEnd: range?.end === undefined ? undefined : base64(range.end),
    };
    const events = { lost: accountJson(lost), repeated: accountJson(repeated) };
    return inspectionLine('verify-watch', { stream, line: place.line, ...asked, ...watch, ...events });
  },
  end(totals, { compactRev, currentRev }) {
    const { broken, hasFindings, isComplete, watches, responses, events, unjudgedEvents, lost, repeated } = totals;
    return inspectionLine('verify', {
      holds: !hasFindings,
      complete: isComplete,
      watches,
      responses,
      events,
      unjudgedEvents,
      lost,
      repeated,
      gaps: totals.gaps,
      gapEvents: totals.gapEvents,
      hiddenValues: totals.hiddenValues,
      behindRestore: totals.behindRestore.events,
      broken: Object.fromEntries(broken),
      compactRev,
      currentRev,
    });
  },
});

export const VERIFY_PRINTERS: Readonly<Record<string, MakePrinter>> = { simple, json };
