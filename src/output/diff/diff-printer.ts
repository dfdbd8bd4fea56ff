// Prints a difference: the keys that differ, or their counts by prefix, and then what the histories and the whole come to.

import { utf8 } from '../../bytes/byte-string.js';
import type { Provenance } from '../../inspect/blame/provenance.js';
import type { Diff, KeyChange } from '../../inspect/diff/diff.js';
import type { PrefixChanges } from '../../inspect/diff/stat.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import { formatLeaseId } from '../../mvcc/lease-entry.js';
import type { WatchEvent } from '../../mvcc/record.js';
import { committedFacts, committedJson, type RevisionClocks } from '../committed.js';
import { keyValueJson } from '../formats/api-json.js';
import { inspectionLine } from '../formats/inspection-line.js';
import { drawTable } from '../formats/table.js';
import { changeJson } from '../history/change-json.js';
import { changeText } from '../history/change-text.js';
import { type ValueStyle, valueChange } from '../history/value-change.js';
import type { ValueTeller } from '../kube/value-teller.js';
import { revisionFacts, revisionJson } from '../origin.js';
import { approximateBytes } from '../status-printer.js';
import type { Style } from '../terminal/style.js';
import { escapeBytes, escapeText, hexBytes } from '../terminal/text.js';
import { widestOf } from '../terminal/width.js';
import { endText, type Provenances } from './end-text.js';

interface DiffPrinter {
  /** Comes first. */
  begin(diff: Diff): string;
  change(change: KeyChange): string;
  stat(prefixes: readonly PrefixChanges[]): string;
  end(diff: Diff): string;
}

interface DiffPrinterOptions extends Style, ValueStyle {
  /** What the two sides are called. */
  readonly paths: readonly [string, string];
  readonly clock?: RevisionClocks;
  /** What is known of where the revisions of each side come from. */
  readonly provenances: Provenances;
  /** Only keys are printed. */
  readonly keysOnly: boolean;
}

type MakePrinter = (options: DiffPrinterOptions) => DiffPrinter;

const SIGNS: Readonly<Record<KeyChange['change'], string>> = { added: '+', removed: '-', changed: '~' };
const COLOURS = { added: 'green', removed: 'red', changed: 'yellow' } as const;
const INDENT = '    ';

const simple: MakePrinter = (options) => {
  const { colour, paths, hex, keysOnly, clock } = options;
  const keyText = hex ? hexBytes : escapeBytes;
  return {
    begin({ sides, same }) {
      if (same) return '';
      const [a, b] = sides.map(({ rev }, side) =>
        [`${escapeText(paths[side]!)} at revision ${rev}`, ...committedFacts(clock, rev)].join(', '),
      );
      return utf8(`${colour.bold(`--- ${a}`)}\n${colour.bold(`+++ ${b}`)}\n`);
    },
    change({ change, key, a, b }) {
      const head = colour[COLOURS[change]](`${SIGNS[change]} ${keyText(key)}`);
      if (keysOnly) return utf8(`${head}\n`);
      const value = changeText(valueChange(options, key, a?.value, b?.value), options);
      const origins = originLines([a, b], options);
      return utf8(`${head}\n${indented(`${metaText(a, b)}\n${origins}${value}`)}`);
    },
    stat: (prefixes) => utf8(statLines(prefixes, keyText).join('')),
    end: (diff) => utf8(endText(diff, paths, options.provenances)),
  };
};

const indented = (lines: string) => lines.replace(/^(?=.)/gm, INDENT);

/** Returns what is said of a key beside its value: of a key that changed, what differs of it. */
function metaText(a: KeyValue | undefined, b: KeyValue | undefined): string {
  const fields: readonly (readonly [string, (kv: KeyValue) => string])[] = [
    ['revision', (kv) => String(kv.modRevision)],
    ['version', (kv) => String(kv.version)],
    ['created at', (kv) => String(kv.createRevision)],
    ['lease', (kv) => (kv.lease === 0n ? 'none' : formatLeaseId(kv.lease))],
  ];
  const texts = fields.flatMap(([name, textOf]) => {
    const [before, after] = [a && textOf(a), b && textOf(b)];
    if (before === undefined || after === undefined) {
      const text = (before ?? after)!;
      return text === 'none' ? [] : [`${name} ${text}`];
    }
    return before === after ? [] : [`${name} ${before} -> ${after}`];
  });
  // Members that came to differ may have other values at one revision.
  return texts.length === 0 ? `revision ${a!.modRevision}` : texts.join(', ');
}

function statLines(prefixes: readonly PrefixChanges[], keyText: (key: string) => string): string[] {
  const cells = prefixes.map(({ prefix, added, removed, changed, bytes }) => [
    `+${added}`,
    `-${removed}`,
    `~${changed}`,
    `${approximateBytes(bytes[0])} -> ${approximateBytes(bytes[1])}`,
    prefix === '' ? '(no prefix)' : keyText(prefix),
  ]);
  const widths = [0, 1, 2, 3].map((column) => widestOf(cells.map((row) => row[column]!)));
  return cells.map((row) => `${row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ')}\n`);
}

/** Returns who made the record of each side, as far as a log tells. */
function originLines(records: readonly (KeyValue | undefined)[], { provenances, colour }: DiffPrinterOptions): string {
  const lines = records.map((kv, side) => {
    const facts = kv === undefined ? [] : revisionFacts(kv.modRevision, provenances[side]);
    return facts.length === 0 ? '' : `${colour.dim(`${side === 0 ? 'first' : 'second'}: ${facts.join('; ')}`)}\n`;
  });
  return lines.join('');
}

const json: MakePrinter = ({ paths, keysOnly, teller, hex, clock, provenances }) => ({
  begin: () => '',
  change({ change, key, a, b }) {
    if (keysOnly) return inspectionLine('change', { change, key: bytesOf(key) });
    const ofValue = change === 'changed' ? valueChange({ teller, hex }, key, a?.value, b?.value) : undefined;
    return inspectionLine('change', {
      change,
      key: bytesOf(key),
      valueChange: ofValue && changeJson(ofValue, true),
      a: a && recordJson(teller, a, provenances[0]),
      b: b && recordJson(teller, b, provenances[1]),
    });
  },
  stat: (prefixes) =>
    prefixes
      .map(({ prefix, ...counts }) => inspectionLine('prefixChange', { prefix: bytesOf(prefix), ...counts }))
      .join(''),
  end({ sides, counts, history, same }) {
    const { same: unchanged, ...changes } = counts;
    const described = sides.map(({ rev, currentRev, compactRev, keys }, side) => {
      return { path: paths[side], rev, committed: clock && committedJson(clock(rev)), currentRev, compactRev, keys };
    });
    return (
      historyLine(history, teller, provenances) +
      inspectionLine('diff', { same, ...changes, unchanged, sides: described })
    );
  },
});

const bytesOf = (key: string) => Buffer.from(key, 'latin1');

/** Returns what there is of a record beside its key. */
function recordJson(teller: ValueTeller, kv: KeyValue, provenance: Provenance | undefined): object {
  return { ...keyValueJson(kv, teller), key: undefined, ...revisionJson(kv.modRevision, provenance) };
}

function historyLine(history: Diff['history'], teller: ValueTeller, provenances: Provenances): string {
  if (history === undefined) return '';
  if (history === 'apart') return inspectionLine('histories', { comparable: false });
  const { commonRev, compactRev, hashes, parting } = history;
  return inspectionLine('histories', {
    comparable: true,
    commonRev,
    compactRev,
    hashes,
    same: parting === undefined,
    parting: parting && {
      revision: parting.revision,
      events: parting.events.map((event, side) => eventJson(event, teller, provenances[side])),
    },
  });
}

/** Returns an event; a DELETE has only its key and revision. */
function eventJson(
  event: WatchEvent | undefined,
  teller: ValueTeller,
  provenance: Provenance | undefined,
): object | undefined {
  if (event === undefined) return undefined;
  return { type: event.type, ...keyValueJson(event.kv, teller), ...revisionJson(event.kv.modRevision, provenance) };
}

/** The table is of counts; keys that differ do not fit in one. */
const table: MakePrinter = (options) => ({
  ...simple(options),
  stat: (prefixes) =>
    drawTable(
      ['prefix', 'added', 'removed', 'changed', 'bytes before', 'bytes after'],
      prefixes.map(({ prefix, added, removed, changed, bytes: [before, after] }) => [
        options.hex ? hexBytes(prefix) : escapeBytes(prefix),
        added,
        removed,
        changed,
        before,
        after,
      ]),
      { columns: options.columns },
    ),
});

export const DIFF_PRINTERS: Readonly<Record<string, MakePrinter>> = { simple, json };
export const DIFF_STAT_PRINTERS: Readonly<Record<string, MakePrinter>> = { simple, json, table };
