// Prints the history of keys: for each record a line that names it, and below it what it has changed.

import { utf8 } from '../../bytes/byte-string.js';
import type { Provenance } from '../../inspect/blame/provenance.js';
import type { HistoryEntry } from '../../inspect/history/key-history.js';
import { formatLeaseId } from '../../mvcc/lease-entry.js';
import { formatRevision, type RevisionKey } from '../../mvcc/revision.js';
import { committedFacts, committedJson, committedText, type RevisionClocks } from '../committed.js';
import { keyValueJson } from '../formats/api-json.js';
import { inspectionLine } from '../formats/inspection-line.js';
import { type Cell, drawTable } from '../formats/table.js';
import { revisionFacts, revisionJson } from '../origin.js';
import { plural } from '../terminal/plural.js';
import type { Style } from '../terminal/style.js';
import { escapeBytes, hexBytes } from '../terminal/text.js';
import { changeJson } from './change-json.js';
import { changeText, statText, wholeText } from './change-text.js';
import { type ValueChange, type ValueStyle, valueChange } from './value-change.js';

/** How much is printed of what a record has changed. */
export type Detail = 'all' | 'stat' | 'none';

interface HistoryStyle extends Style, ValueStyle {
  readonly detail: Detail;
  /** Lives that ended before this revision are not counted; undefined if all are. */
  readonly livesFrom: number | undefined;
  readonly provenance: Provenance;
  readonly clock: RevisionClocks;
}

/** Each function returns a byte string. */
interface HistoryPrinter {
  entry(entry: HistoryEntry): string;
  end(): string;
}

type MakePrinter = (style: HistoryStyle) => HistoryPrinter;

/** Returns what a record has changed; undefined if the record before is compacted. */
function changeOf({ record, recordBefore, before }: HistoryEntry, style: ValueStyle): ValueChange | undefined {
  if (before.is === 'compacted') return undefined;
  const { key, value } = record.keyValue();
  return valueChange(style, key, recordBefore?.keyValue().value, record.tombstone ? undefined : value);
}

const simple: MakePrinter = (style) => {
  const { colour, detail, hex, provenance, clock } = style;
  return {
    entry(entry) {
      const { key, tombstone } = entry.record;
      const type = tombstone ? colour.red('DELETE') : colour.green('PUT');
      const name = colour.bold(hex ? hexBytes(key) : escapeBytes(key));
      const change = detail === 'none' ? undefined : changeOf(entry, style);
      const facts = [
        ...committedFacts(clock, entry.record.main),
        ...factsOf(entry),
        ...(detail === 'stat' && change !== undefined ? [statText(change)] : []),
        ...revisionFacts(entry.record.main, provenance),
      ];
      const head = `${colour.yellow(formatRevision(entry.record))} ${type} ${name}  ${colour.dim(facts.join(', '))}\n`;
      return utf8(detail === 'all' ? `${head}${bodyText(entry, change, style)}\n` : head);
    },
    end: () => '',
  };
};

/** Returns what there is to say of a record beside its value. */
function factsOf({ record, recordBefore, generation, before }: HistoryEntry): string[] {
  const facts = [`generation ${generation}`];
  if (!record.tombstone) {
    const { length } = record.keyValue().value;
    facts.push(`version ${record.version}`, `created at ${record.createRevision}`, plural(length, 'byte'));
    if (record.lease !== 0n) facts.push(`lease ${formatLeaseId(record.lease)}`);
  }
  const leaseBefore = recordBefore?.lease ?? 0n;
  if (leaseBefore !== 0n && leaseBefore !== record.lease) facts.push(`lease was ${formatLeaseId(leaseBefore)}`);
  if (before.is === 'compacted') facts.push('the record before is compacted');
  return facts;
}

function bodyText({ record }: HistoryEntry, change: ValueChange | undefined, style: HistoryStyle): string {
  if (change !== undefined) return changeText(change, style);
  const { key, value } = record.keyValue();
  return record.tombstone ? '' : wholeText(valueChange(style, key, undefined, value), style);
}

const table: MakePrinter = ({ columns, hex, clock }) => {
  const head = [
    'revision',
    ...(clock === undefined ? [] : ['committed']),
    'type',
    'key',
    'generation',
    'version',
    'create rev',
    'lease',
    'size',
    'before',
  ];
  const rows: Cell[][] = [];
  return {
    entry({ record, generation, before }) {
      const { tombstone, key, version, createRevision, lease } = record;
      const ofPut = (cell: number): Cell => (tombstone ? '' : cell);
      rows.push([
        { whole: formatRevision(record) },
        ...(clock === undefined ? [] : [{ whole: committedText(clock(record.main)) }]),
        tombstone ? 'DELETE' : 'PUT',
        hex ? hexBytes(key) : escapeBytes(key),
        generation,
        ofPut(version),
        ofPut(createRevision),
        lease === 0n ? '' : { whole: formatLeaseId(lease) },
        ofPut(record.keyValue().value.length),
        { whole: 'revision' in before ? formatRevision(before.revision) : before.is },
      ]);
      return '';
    },
    end: () => drawTable(head, rows, { columns }),
  };
};

const json: MakePrinter = (style) => ({
  entry(entry) {
    const { record, recordBefore, generation, before } = entry;
    const { detail, teller, livesFrom, provenance, clock } = style;
    const kv = record.keyValue();
    const isCompared = detail !== 'none' && before.is === 'record' && !record.tombstone;
    const change = isCompared ? changeOf(entry, style) : undefined;
    return inspectionLine('revision', {
      revision: plainRevision(record),
      committed: clock && committedJson(clock(record.main)),
      type: record.tombstone ? 'DELETE' : 'PUT',
      kv: keyValueJson(kv, teller),
      generation,
      livesFrom,
      size: kv.value.length,
      before: {
        is: before.is,
        revision: 'revision' in before ? plainRevision(before.revision) : undefined,
        size: recordBefore?.keyValue().value.length,
        lease: recordBefore?.lease || undefined,
      },
      change: change === undefined ? undefined : changeJson(change, detail === 'all'),
      ...revisionJson(record.main, provenance),
    });
  },
  end: () => '',
});

const plainRevision = ({ main, sub }: RevisionKey) => ({ main, sub });

export const HISTORY_PRINTERS: Readonly<Record<string, MakePrinter>> = { simple, json, table };
