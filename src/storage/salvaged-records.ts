// Writes all records that a salvage has found to a file, as lines of JSON: those of the database, and all other ones that
// are intact.

import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { MvccwError } from '../errors.js';
import { recordLine } from '../inspect/dump/dump-line.js';
import { RANK } from '../inspect/salvage/copies.js';
import type { Salvage } from '../inspect/salvage/salvage.js';
import { ioError } from './io-error.js';

const PIECE_CHARS = 256 * 1024;

const PLACES: Readonly<Record<number, string>> = {
  [RANK.tree]: 'tree',
  [RANK.older]: 'olderTree',
  [RANK.stray]: 'stray',
};

export class SalvagedRecords {
  private readonly descriptor: number;
  private isOpen = true;

  /** Makes the file. Throws EXISTS if it is there, or IO. */
  constructor(private readonly path: string) {
    try {
      this.descriptor = openSync(path, 'wx', 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
        throw new MvccwError('EXISTS', `${path} is there already`, { hint: 'name a new file with --records' });
      }
      throw ioError(error, `cannot write ${path}`);
    }
  }

  /** Writes all lines. Yields true after each record. */
  *write(from: string, { scan, chosen, reader }: Salvage, inDatabase: Uint8Array): Iterable<true> {
    const { copies } = scan;
    const lineOf = (copy: number, more: object): string => {
      const where = {
        page: copies.pgid(copy),
        place: PLACES[copies.rank(copy)],
        inDatabase: inDatabase[copy] === 1,
        ...more,
      };
      return `${recordLine(reader.record(copy)).slice(0, -1)},${JSON.stringify(where).slice(1)}\n`;
    };
    let piece = `${JSON.stringify({ schema: 1, kind: 'salvage', from })}\n`;
    const taken = merged(chosen.history, chosen.outside, (a, b) => copies.compare(a, b));
    let others = 0;
    for (const copy of taken) {
      piece += lineOf(copy, {});
      for (; others < chosen.otherVersions.length; others++) {
        const other = chosen.otherVersions[others]!;
        if (copies.compare(other, copy) !== 0) break;
        piece += lineOf(other, { otherVersion: true });
      }
      if (piece.length > PIECE_CHARS) {
        this.writeAll(piece);
        piece = '';
      }
      yield true;
    }
    const records = chosen.history.length + chosen.outside.length;
    this.writeAll(`${piece}${JSON.stringify({ schema: 1, kind: 'end', records })}\n`);
  }

  private writeAll(text: string): void {
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.descriptor, bytes, done);
    } catch (error) {
      throw ioError(error, `cannot write ${this.path}`);
    }
  }

  finish(): void {
    if (this.isOpen) closeSync(this.descriptor);
    this.isOpen = false;
  }

  remove(): void {
    this.finish();
    unlinkSync(this.path);
  }
}

function* merged(a: Uint32Array, b: Uint32Array, compare: (a: number, b: number) => number): Iterable<number> {
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const takesA = j >= b.length || (i < a.length && compare(a[i]!, b[j]!) < 0);
    yield takesA ? a[i++]! : b[j++]!;
  }
}
