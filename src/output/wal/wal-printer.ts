// Prints the entries of a write-ahead log.

import { utf8 } from '../../bytes/byte-string.js';
import type { RaftLog, ReadEntry } from '../../wal/raft-log.js';
import { inspectionLine } from '../formats/inspection-line.js';
import { type Cell, drawTable } from '../formats/table.js';
import type { Style } from '../terminal/style.js';

interface WalStyle extends Style {
  /** The index up to which entries are known to be committed. */
  readonly commit: number;
}

/** Each function returns a byte string. */
interface WalPrinter {
  entry(entry: ReadEntry): string;
  end(log: RaftLog): string;
}

type MakePrinter = (style: WalStyle) => WalPrinter;

const simple: MakePrinter = ({ colour, commit }) => ({
  entry({ index, term, dataLength }) {
    const mark = index > commit ? '  not known to be committed' : '';
    return utf8(`${colour.yellow(String(index))} term ${term}  ${dataLength} bytes${mark}\n`);
  },
  end: () => '',
});

const table: MakePrinter = ({ columns, commit }) => {
  const rows: Cell[][] = [];
  return {
    entry({ index, term, dataLength }) {
      rows.push([index, term, dataLength, index > commit ? 'no' : 'yes']);
      return '';
    },
    end: () => drawTable(['index', 'term', 'size', 'committed'], rows, { columns }),
  };
};

const json: MakePrinter = ({ commit }) => ({
  entry: ({ index, term, dataLength }) =>
    inspectionLine('entry', { index, term, size: dataLength, committed: index <= commit }),
  end: () => '',
});

export const WAL_PRINTERS: Readonly<Record<string, MakePrinter>> = { simple, json, table };
