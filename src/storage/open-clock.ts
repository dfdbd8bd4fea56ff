// Reads when revisions were committed from a file: the log of a server, or a list.

import { NumberColumn } from '../adt/number-column.js';
import { fromUtf8 } from '../bytes/byte-string.js';
import { MvccwError } from '../errors.js';
import { EvidenceList } from '../inspect/clock/evidence.js';
import { kubeClock } from '../inspect/clock/kube-clock.js';
import { ListReader } from '../inspect/clock/list-line.js';
import { logLine, type Piece } from '../inspect/clock/log-line.js';
import { type WallClock, wallClock } from '../inspect/clock/wall-clock.js';
import type { ClockSource } from '../requests/clock-source.js';
import type { Database } from './database.js';

import { linesOf, piecesOf } from './lines.js';
import { logTimes } from './log-times.js';
import { unpackedPieces } from './unpacked-pieces.js';

/** A line of an audit log holds a whole object. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Returns the clock of a store. Throws NO_CLOCK if nothing says when its revisions were committed, FORMAT, CORRUPT or IO. */
export async function openClock(
  source: ClockSource,
  { store, log }: Pick<Database, 'store' | 'log'>,
): Promise<WallClock> {
  if (source.from !== 'kubernetes') return openFileClock(source);
  return kubeClock(store, log && logTimes(log, store));
}

/** Returns the clock of a file. Throws as openClock does. */
export async function openFileClock({ from, path }: Exclude<ClockSource, { from: 'kubernetes' }>): Promise<WallClock> {
  const list = new ListReader();
  return readClock(path, from === 'log' ? logLine : (line) => list.read(line));
}

async function readClock(path: string, read: (line: string) => readonly Piece[]): Promise<WallClock> {
  const evidence = new EvidenceList();
  const lines = new NumberColumn(Uint32Array);
  const tooLong = () => new MvccwError('FORMAT', `a line of ${path} has more than ${MAX_LINE_BYTES} bytes`);
  let number = 0;
  for await (const line of linesOf(unpackedPieces(piecesOf(path)), MAX_LINE_BYTES, tooLong)) {
    number++;
    for (const piece of piecesIn(line, `${path}:${number}`)) {
      lines.set(evidence.length, number);
      evidence.add({ ...piece, clock: 0 });
    }
  }
  function piecesIn(line: string, place: string): readonly Piece[] {
    try {
      return read(fromUtf8(line));
    } catch (error) {
      throw error instanceof MvccwError ? error.under(place) : error;
    }
  }
  const endOf = (row: number) => evidence.untilUs(row) ?? evidence.fromUs(row);
  const cite: WallClock['cite'] = (row, side) => ({
    what: 'line',
    revision: evidence.revision(row),
    key: undefined,
    line: lines.at(row),
    clock: path,
    timeUs: (side === 'from' ? (evidence.fromUs(row) ?? evidence.untilUs(row)) : endOf(row))!,
    knew: evidence.untilRevision(row),
  });
  // A file is of one clock, which agrees with itself.
  return wallClock({ names: [path], readings: evidence.length, from: path, cite }, evidence, 0);
}
