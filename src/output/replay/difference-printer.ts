// Prints what differs between two releases, as diff does: - is only in the first, + is only in the second. The simple
// format tells watchers that differ alike once, and gives many events in a row one line.

import { base64, utf8 } from '../../bytes/byte-string.js';
import type { ComparedEvent, WatcherDifference } from '../../replay/findings/compare-releases.js';
import { plural } from '../terminal/plural.js';
import type { Style } from '../terminal/style.js';
import { escapeBytes, escapeText } from '../terminal/text.js';
import { jsonLine } from './json-line.js';

type Printer = (releases: readonly [string, string], differences: readonly WatcherDifference[], style: Style) => string;

/** Watchers that differ in the same way. */
interface AlikeWatchers {
  readonly first: WatcherDifference;
  readonly others: number;
}

/** Groups the watchers that differ alike; a group stands where its first watcher was. */
function alike(differences: readonly WatcherDifference[]): readonly AlikeWatchers[] {
  const groups = new Map<string, AlikeWatchers>();
  for (const difference of differences) {
    const { watcher, ...rest } = difference;
    const key = JSON.stringify(rest);
    const known = groups.get(key);
    groups.set(key, known === undefined ? { first: difference, others: 0 } : { ...known, others: known.others + 1 });
  }
  return [...groups.values()];
}

/** The most events in a row that have a line each. */
const MAX_OWN_LINES = 3;

/** Splits events into runs. A run has one type, and its revisions rise. */
function runsOf(events: readonly ComparedEvent[]): ComparedEvent[][] {
  const runs: ComparedEvent[][] = [];
  for (const event of events) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const goesOn = last?.type === event.type && last.late === event.late && last.revision <= event.revision;
    if (goesOn) run!.push(event);
    else runs.push([event]);
  }
  return runs.flatMap((run) => (run.length > MAX_OWN_LINES ? [run] : run.map((event) => [event])));
}

/** Returns the line of a run as a byte string, with its keys escaped. */
function runLine(sign: string, run: readonly ComparedEvent[]): string {
  const [first, last] = [run[0]!, run.at(-1)!];
  const revisions = run.length === 1 ? `${first.revision}` : `${first.revision}..${last.revision}`;
  const remarks = [
    ...(run.length > 1 ? [plural(run.length, first.key === undefined ? 'response' : 'event')] : []),
    ...(first.late ? ['behind progress that counts it'] : []),
  ];
  const tail = remarks.length === 0 ? '' : `  (${remarks.join(', ')})`;
  if (first.key === undefined) return `${sign} ${first.type} ${revisions}${tail}`;
  return utf8(`${sign} ${first.type.padEnd(6)} ${revisions}  ${keysOf(run)}${tail}`);
}

/** Returns for example `/a`, `/a, /b`, or `/a, /b, /c, and 7 more`. */
function keysOf(run: readonly ComparedEvent[]): string {
  const keys = [...new Set(run.map(({ key = '' }) => key))];
  const shown = keys.slice(0, MAX_OWN_LINES).map(escapeBytes).join(', ');
  return keys.length > MAX_OWN_LINES ? `${shown}, and ${keys.length - MAX_OWN_LINES} more` : shown;
}

const simple: Printer = ([first, second], differences, { colour }) => {
  if (differences.length === 0) return '';
  const lines: string[] = [utf8(colour.bold(`--- etcd ${first}`)), utf8(colour.bold(`+++ etcd ${second}`))];
  for (const { first: difference, others } of alike(differences)) {
    const { watcher, onlyFirst, onlySecond, endFirst, endSecond } = difference;
    const more = others === 0 ? '' : ` and ${plural(others, 'other')} alike`;
    lines.push(utf8(colour.cyan(`@@ ${escapeText(watcher)}${more} @@`)));
    for (const run of runsOf(onlyFirst)) lines.push(colour.red(runLine('-', run)));
    for (const run of runsOf(onlySecond)) lines.push(colour.green(runLine('+', run)));
    if (endFirst !== endSecond) lines.push(colour.red(`- ends ${endFirst}`), colour.green(`+ ends ${endSecond}`));
  }
  return `${lines.join('\n')}\n`;
};

const eventJson = ({ key, ...rest }: ComparedEvent): object => ({
  ...rest,
  ...(key !== undefined && { key: base64(key) }),
});

const json: Printer = (releases, differences) =>
  differences
    .map(({ onlyFirst, onlySecond, ...rest }) => {
      const events = { onlyFirst: onlyFirst.map(eventJson), onlySecond: onlySecond.map(eventJson) };
      return jsonLine({ kind: 'difference', releases, ...rest, ...events });
    })
    .join('');

export const DIFFERENCE_PRINTERS: Readonly<Record<string, Printer>> = { simple, json };
