// Prints what an undelete brings back: as the text of a transaction, as JSON lines, or as a table.

import { utf8 } from '../../bytes/byte-string.js';
import type { Lost, Restorable } from '../../inspect/undelete/plan.js';
import { conditionOf, type Restoration } from '../../inspect/undelete/restore.js';
import { formatLeaseId } from '../../mvcc/lease-entry.js';
import { formatRevision } from '../../mvcc/revision.js';
import { formatCompare, formatPut } from '../../requests/format-txn.js';
import { keyValueJson } from '../formats/api-json.js';
import { inspectionLine } from '../formats/inspection-line.js';
import { drawTable } from '../formats/table.js';
import { plural } from '../terminal/plural.js';
import type { Style } from '../terminal/style.js';
import { escapeBytes } from '../terminal/text.js';

interface UndeleteEnd {
  readonly restored: number;
  readonly lost: number;
  readonly alive: number;
  /** The revision at which the keys were brought back; undefined if the transaction was only printed. */
  readonly revision: number | undefined;
}

/** Each function returns a byte string. All comparisons are printed before the first put. */
interface UndeletePrinter {
  compare(item: Restorable): string;
  put(put: Restoration): string;
  lost(lost: Lost): string;
  end(end: UndeleteEnd): string;
}

type MakePrinter = (style: Style) => UndeletePrinter;

/** Prints the text that `etcdctl txn` reads. An empty line ends each of its three parts, also the last, empty one. */
const simple: MakePrinter = () => {
  let puts = 0;
  return {
    compare: (item) => `${formatCompare(conditionOf(item))}\n`,
    put: ({ record, lease }) => {
      const { key, value } = record.keyValue();
      return `${puts++ === 0 ? '\n' : ''}${formatPut({ key, value, lease })}\n`;
    },
    lost: () => '',
    end: ({ restored }) => (restored === 0 ? '' : '\n\n'),
  };
};

/** Says what was done, in the place of a transaction to run. */
const applied: MakePrinter = () => ({
  compare: () => '',
  put: () => '',
  lost: () => '',
  end: ({ restored, revision }) =>
    restored === 0 ? '' : `${plural(restored, 'key')} brought back at revision ${revision}\n`,
});

const json: MakePrinter = () => ({
  compare: () => '',
  put: ({ record, lease, modRevision }) =>
    inspectionLine('undelete-put', {
      ...keyValueJson({ ...record.keyValue(), lease }),
      value: record.keyValue().value,
      revision: { main: record.main, sub: record.sub },
      leaseThen: record.lease === 0n ? undefined : record.lease,
      ifModRevision: modRevision,
    }),
  lost: ({ key, tombstone: { main, sub } }) =>
    inspectionLine('undelete-lost', { key: Buffer.from(key, 'latin1'), tombstone: { main, sub } }),
  end: ({ restored, lost, alive, revision }) =>
    inspectionLine('undelete', { restored, lost, alive, applied: revision !== undefined, revision }),
});

const table: MakePrinter = ({ columns }) => {
  const rows: (string | number)[][] = [];
  return {
    compare: () => '',
    put: ({ key, record, lease, modRevision }) => {
      const size = record.keyValue().value.length;
      const condition = modRevision === 0 ? 'is deleted' : `is at ${modRevision}`;
      rows.push([escapeBytes(key), formatRevision(record), size, lease === 0n ? '' : formatLeaseId(lease), condition]);
      return '';
    },
    lost: ({ key, tombstone }) => {
      rows.push([escapeBytes(key), 'compacted', '', '', `deleted at ${formatRevision(tombstone)}`]);
      return '';
    },
    end: ({ revision, restored }) =>
      (rows.length === 0 ? '' : drawTable(['key', 'value of', 'size', 'lease', 'if it'], rows, { columns })) +
      utf8(revision === undefined || restored === 0 ? '' : `brought back at revision ${revision}\n`),
  };
};

/** The printers of a transaction that is not run, and of one that was. */
export const UNDELETE_PRINTERS: Readonly<Record<string, MakePrinter>> = { simple, json, table };
export const UNDELETED_PRINTERS: Readonly<Record<string, MakePrinter>> = { simple: applied, json, table };
