// Prints when revisions were committed, which was the newest at a time, and what a clock is worth as a whole.

import { spanText } from '../adt/span-text.js';
import { utf8 } from '../bytes/byte-string.js';
import type { ClockFacts, NamedClock } from '../inspect/clock/clock-facts.js';
import type { RevisionsAt, RevisionTime } from '../inspect/clock/revision-clock.js';
import type { Citation } from '../inspect/clock/wall-clock.js';
import type { When } from '../inspect/clock/when.js';
import { moment, momentToMs } from '../kube/timestamp.js';
import { committedJson, committedText } from './committed.js';
import { inspectionLine } from './formats/inspection-line.js';
import { plural } from './terminal/plural.js';
import type { Style } from './terminal/style.js';
import { escapeBytes, escapeText, hexBytes } from './terminal/text.js';

interface WhenStyle extends Style {
  readonly hex: boolean;
}

/** Each function returns a byte string. */
interface WhenPrinter {
  /** Prints one of many revisions. */
  time(time: RevisionTime): string;
  /** Prints a revision with its reasons. */
  when(when: When): string;
  newest(at: RevisionsAt): string;
  facts(facts: ClockFacts): string;
}

type MakePrinter = (style: WhenStyle) => WhenPrinter;

const lineText = (time: RevisionTime): string => `${time.revision}  ${committedText(time, '  ')}`;

const CITED: Readonly<Record<Citation['what'], string>> = {
  renewTime: 'renewTime',
  creationTimestamp: 'creationTimestamp',
  managedFields: 'a time in managedFields',
  compactRevKey: 'the interval of',
  leaseTTL: 'the time to live of the lease',
  upSince: 'the start of a process',
  line: 'line',
};

function citationText({ what, key, line, revision }: Citation, hex: boolean): string {
  if (what === 'upSince') return `since then the process was up that proposed revision ${revision}`;
  if (key === undefined) return `line ${line}, of revision ${revision}`;
  return `${CITED[what]} of ${hex ? hexBytes(key) : escapeBytes(key)} in revision ${revision}`;
}

const clockText = ({ name, readings, aheadUs }: NamedClock): string =>
  `${escapeText(name)} is ${spanText(Math.abs(aheadUs))} ${aheadUs > 0 ? 'ahead of' : 'behind'} the others: its ${plural(readings, 'time')} are not used`;

const MAX_WRONG = 10;

const simple: MakePrinter = ({ colour, hex }) => ({
  time: (time) => utf8(`${lineText(time)}\n`),
  when(when) {
    const { notBefore, notBeforeUs, notAfter, notAfterUs } = when;
    const reason = (bound: string, timeUs: number | undefined, cited: Citation | undefined) =>
      timeUs === undefined || cited === undefined
        ? `  ${bound}nothing says so\n`
        : `  ${bound}${momentToMs(timeUs)}  ${colour.dim(citationText(cited, hex))}\n`;
    return utf8(
      `${lineText(when)}\n${reason('not before  ', notBeforeUs, notBefore)}${reason('not after   ', notAfterUs, notAfter)}`,
    );
  },
  newest({ timeUs, revision, fromRev, toRev }) {
    const range = fromRev === revision && toRev === revision ? '' : `  ${rangeText(fromRev, toRev)}`;
    return utf8(`${momentToMs(timeUs)}  revision ${revision}${range}\n`);
  },
  facts(facts) {
    const { from, readings, clocks, oldest, newest, medianBoundUs, maxBoundUs, unbounded, wrong, leftOut, inDoubt } =
      facts;
    const bound =
      medianBoundUs === undefined || maxBoundUs === undefined
        ? 'no revision has one'
        : `${spanText(medianBoundUs)} or less for half of the revisions, ${spanText(maxBoundUs)} at most`;
    const without = unbounded === 0 || medianBoundUs === undefined ? '' : `; ${plural(unbounded, 'revision')} without`;
    const rows: [label: string, text: string][] = [
      ['from', `${plural(readings, 'time')} in ${escapeText(from)}, of ${plural(clocks, 'clock')}`],
      ['oldest', lineText(oldest)],
      ['newest', lineText(newest)],
      ['bound', `${bound}${without}`],
      ...wrong.slice(0, MAX_WRONG).map((clock): [string, string] => ['wrong', clockText(clock)]),
      ...(wrong.length > MAX_WRONG ? [['wrong', `${wrong.length - MAX_WRONG} more clocks`] as [string, string]] : []),
      ...(leftOut > 0
        ? [['left out', `${plural(leftOut, 'time')} that most others contradict`] as [string, string]]
        : []),
    ];
    if (inDoubt) rows.push(['in doubt', 'the times contradict each other, and which of them are wrong cannot be told']);
    return utf8(rows.map(([label, text]) => `${colour.bold(label.padEnd(10))}${text}\n`).join(''));
  },
});

function rangeText(fromRev: number | undefined, toRev: number | undefined): string {
  if (fromRev === undefined) return toRev === undefined ? '(nothing bounds it)' : `(${toRev} at most)`;
  return toRev === undefined ? `(${fromRev} at least)` : `(${fromRev} to ${toRev})`;
}

const timeJson = (time: RevisionTime) => ({ revision: time.revision, ...committedJson(time) });

const citationJson = (cited: Citation | undefined) =>
  cited && {
    what: cited.what,
    revision: cited.revision,
    key: cited.key === undefined ? undefined : Buffer.from(cited.key, 'latin1'),
    line: cited.line,
    clock: cited.clock,
    time: moment(cited.timeUs),
    knew: cited.knew || undefined,
  };

const json: MakePrinter = () => ({
  time: (time) => inspectionLine('when', timeJson(time)),
  when: (when) =>
    inspectionLine('when', {
      ...timeJson(when),
      because: { notBefore: citationJson(when.notBefore), notAfter: citationJson(when.notAfter) },
    }),
  newest: ({ timeUs, ...revisions }) => inspectionLine('newest', { time: moment(timeUs), ...revisions }),
  facts: ({ oldest, newest, ...facts }) =>
    inspectionLine('clock', { ...facts, oldest: timeJson(oldest), newest: timeJson(newest) }),
});

export const WHEN_PRINTERS: Readonly<Record<string, MakePrinter>> = { simple, json };
