// Prints the entries of a write-ahead log, each with what it asks for, who asked, and what came of it.

import { utf8 } from '../../bytes/byte-string.js';
import type { Proposers } from '../../inspect/blame/proposers.js';
import type { ListedEntry } from '../../inspect/wal/log-listing.js';
import { inspectionLine } from '../formats/inspection-line.js';
import { type Cell, drawTable } from '../formats/table.js';
import { proposerJson } from '../origin.js';
import { plural } from '../terminal/plural.js';
import type { Style } from '../terminal/style.js';
import { escapeBytes, escapeText, hexBytes } from '../terminal/text.js';
import { padText, textWidth } from '../terminal/width.js';
import { logJson, type PrintedLog } from './log-json.js';
import { processNames } from './process-names.js';
import { requestJson } from './request-json.js';
import { requestText } from './request-text.js';

interface WalStyle extends Style {
  readonly hex: boolean;
  readonly proposers: Proposers;
}

/** Each function returns a byte string. */
interface WalPrinter {
  begin(log: PrintedLog): string;
  entry(entry: ListedEntry): string;
  end(log: PrintedLog): string;
}

type MakePrinter = (style: WalStyle) => WalPrinter;

const HEAD = ['index', 'term', 'request', 'revision', 'user', 'member', 'up since', 'size'];
/** Two of three requests are no longer than this, and most names of users and members. */
const WIDTHS = { request: 12, name: 6, time: 20, size: 6 };
/** No column grows beyond this. */
const WIDEST = 24;
const NOTHING = '-';
/** Stands for a revision where it cannot be told whether one was made. */
const UNKNOWN = '?';

const simple: MakePrinter = (style) => {
  const { colour } = style;
  const processOf = processNames(style.proposers);
  let widths: readonly number[] = [];
  let last: number | undefined;
  const line = (cells: readonly string[]) => cells.map((cell, i) => padText(cell, widths[i]!)).join('  ');
  return {
    begin({ raft }) {
      const index = Math.max(String(raft.lastIndex).length, 'index'.length);
      const { request, name, time, size } = WIDTHS;
      widths = [index, 'term'.length, request, Math.max(index, 'revision'.length), name, name, time, size];
      return utf8(`${colour.bold(`${line(HEAD)}  asks for`)}\n`);
    },
    entry(entry) {
      const { index, isOverwritten } = entry;
      const jump = isOverwritten || last === undefined || index === last + 1 ? '' : jumpLine(last, index);
      last = index;
      const remarks = remarksOf(entry);
      const told = remarks.length === 0 ? '' : `  ${colour.yellow(`[${remarks.join('; ')}]`)}`;
      const cells = cellsOf(entry, processOf).map(String);
      // The columns grow with what they hold, as nothing says before how wide that will be.
      widths = widths.map((width, i) => Math.max(width, Math.min(textWidth(cells[i]!), WIDEST)));
      return utf8(`${jump}${line(cells)}  ${requestText(entry.content, shower(style))}${told}\n`);
    },
    end: () => '',
  };
};

function jumpLine(from: number, to: number): string {
  const missing = to - from - 1;
  const which = missing === 1 ? `entry ${from + 1} is` : `the entries ${from + 1} to ${to - 1} are`;
  return `… ${which} not in the log\n`;
}

const shower = ({ hex }: WalStyle) => (hex ? hexBytes : escapeBytes);

/** Returns what is told of an entry in columns. */
function cellsOf(entry: ListedEntry, processOf: ReturnType<typeof processNames>): (string | number)[] {
  const { index, term, content, outcome, isCommitted, user, requestId, sizeBytes } = entry;
  const { member, since } = requestId === 0n ? { member: NOTHING, since: NOTHING } : processOf(requestId);
  const revision = outcome === undefined && isCommitted ? UNKNOWN : (outcome?.revision ?? NOTHING);
  return [index, term, content.kind, revision, user ? escapeText(user) : NOTHING, member, since, sizeBytes];
}

/** Returns why an entry made no revision, where that is not plain from its kind, and what else there is to say. */
function remarksOf({ content, outcome, isCommitted, isOverwritten, doubt }: ListedEntry): string[] {
  if (isOverwritten) return ['overwritten'];
  if (!isCommitted) return ['not known to be committed'];
  const remarks: string[] = [];
  if (outcome === undefined) return remarks;
  if (outcome.refused) remarks.push(`refused: ${outcome.reason}`);
  else if (outcome.revision === undefined && CHANGES_KEYS.has(content.kind)) remarks.push(outcome.reason);
  if (doubt !== undefined) remarks.push(`not certain: ${doubt.reason}`);
  return remarks;
}

/** The requests of which one asks why they made no revision. */
const CHANGES_KEYS: ReadonlySet<string> = new Set(['put', 'deleteRange', 'txn', 'leaseRevoke', 'unknown']);

const table: MakePrinter = (style) => {
  const rows: Cell[][] = [];
  const processOf = processNames(style.proposers);
  return {
    begin: () => '',
    entry(entry) {
      const cells = cellsOf(entry, processOf).map((cell) => (cell === NOTHING ? '' : cell));
      rows.push([...cells, requestText(entry.content, shower(style)), remarksOf(entry).join('; ')]);
      return '';
    },
    end: ({ raft }) =>
      drawTable([...HEAD, 'asks for', 'remarks'], rows, style) +
      utf8(`${plural(rows.length, 'entry', 'entries')} of ${raft.entryCount}\n`),
  };
};

const json: MakePrinter = ({ proposers }) => ({
  begin: () => '',
  entry(entry) {
    const { index, term, content, outcome, user, requestId, sizeBytes, isCommitted, isOverwritten, doubt } = entry;
    return inspectionLine('entry', {
      index,
      term,
      request: content.kind,
      revision: outcome?.revision,
      reason: outcome?.reason,
      refused: outcome?.refused || undefined,
      committed: isCommitted,
      overwritten: isOverwritten || undefined,
      undecided: doubt?.reason,
      size: sizeBytes,
      user: user || undefined,
      ...(requestId === 0n ? {} : { requestId, ...proposerJson(proposers.of(requestId)) }),
      asks: requestJson(content),
    });
  },
  end: (log) => logJson(log),
});

export const WAL_PRINTERS: Readonly<Record<string, MakePrinter>> = { simple, json, table };
