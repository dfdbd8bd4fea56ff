// Prints what differs between two releases, as diff does: - is only in the first, + only in the second.

import { base64, utf8 } from '../../bytes/byte-string.js';
import type { ComparedEvent, WatcherDifference } from '../../replay/findings/compare-releases.js';
import type { Style } from '../terminal/style.js';
import { escapeBytes, escapeText } from '../terminal/text.js';
import { jsonLine } from './json-line.js';

type Printer = (releases: readonly [string, string], differences: readonly WatcherDifference[], style: Style) => string;

const simple: Printer = ([first, second], differences, { colour }) => {
  if (differences.length === 0) return '';
  const eventLine = (sign: string, { type, key, revision, late }: ComparedEvent): string =>
    key === undefined
      ? `${sign} ${type} ${revision}`
      : `${sign} ${type.padEnd(6)} ${revision}  ${utf8(escapeBytes(key))}${late ? '  (behind progress that counts it)' : ''}`;
  const lines = [utf8(colour.bold(`--- etcd ${first}`)), utf8(colour.bold(`+++ etcd ${second}`))];
  for (const { watcher, onlyFirst, onlySecond, endFirst, endSecond } of differences) {
    lines.push(utf8(colour.cyan(`@@ ${escapeText(watcher)} @@`)));
    for (const event of onlyFirst) lines.push(colour.red(eventLine('-', event)));
    for (const event of onlySecond) lines.push(colour.green(eventLine('+', event)));
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
