// The totals: how many rows each part of the database has, and the sum of their sums, both kept up with each put and
// delete, and the key of the newest record. A row that is dropped, doubled or older than the last write shows as a
// difference, even where its own sum is right.
//
//   txn u48   then for each part: rows u48, sum u48   then the key of the newest record
//
// `txn` is the LMDB transaction that wrote them: each one that changes anything does.

import type { ByteRange } from '../bytes/byte-range.js';
import { MvccwError } from '../errors.js';
import { TABLE_NAMES, type TableName } from '../mvcc/backend.js';
import { LATEST_RANGE } from '../mvcc/key-index.js';
import { revisionKeyBound } from '../mvcc/revision.js';

export const PARTS = [...TABLE_NAMES, 'history'] as const;
/** A part is a table. The older revisions in `index` are a part of their own, so that a scan of the newest is whole. */
export type Part = (typeof PARTS)[number];

/** The parts of each table, with their ranges. */
const PARTS_OF: Readonly<Record<TableName, readonly { readonly part: Part; readonly range: ByteRange }[]>> = {
  key: [{ part: 'key', range: {} }],
  meta: [{ part: 'meta', range: {} }],
  lease: [{ part: 'lease', range: {} }],
  index: [
    { part: 'index', range: LATEST_RANGE },
    { part: 'history', range: {} },
  ],
  watch: [{ part: 'watch', range: {} }],
};

/** Returns the part that a row belongs to. */
export function partOf(table: TableName, key: Buffer): Part {
  return table === 'index' && key[0] !== LATEST_RANGE.gte[0] ? 'history' : table;
}

export interface Total {
  readonly rows: number;
  /** The sum of the rows' sums, modulo 2^48. */
  readonly sum: number;
}

export type PartTotals = Readonly<Record<Part, Total>>;

export interface Totals {
  readonly txn: number;
  readonly parts: PartTotals;
  /** The key of the newest record; empty if there is none. */
  readonly newest: Buffer;
}

const LOWEST_RECORD = revisionKeyBound(0);

const U48_BYTES = 6;
const TWO_TO_48 = 2 ** 48;
const NUMBERS = 1 + 2 * PARTS.length;

function partTotals(totalOf: (part: Part, place: number) => Total): PartTotals {
  return Object.fromEntries(PARTS.map((part, place) => [part, totalOf(part, place)])) as unknown as PartTotals;
}

export const NO_ROWS: Total = { rows: 0, sum: 0 };
export const NO_TOTALS: Totals = { txn: 0, parts: partTotals(() => NO_ROWS), newest: Buffer.alloc(0) };

export function withRow({ rows, sum }: Total, rowSum: number): Total {
  return { rows: rows + 1, sum: (sum + rowSum) % TWO_TO_48 };
}

export function withoutRow({ rows, sum }: Total, rowSum: number): Total {
  return { rows: rows - 1, sum: (sum - rowSum + TWO_TO_48) % TWO_TO_48 };
}

/** Counts the rows of some parts of a table, in order of their keys. */
export class Tally {
  private readonly found: Map<Part, Total>;
  private part: Part | undefined;
  private rows = 0;
  private sum = 0;

  constructor(
    private readonly table: TableName,
    parts: readonly Part[],
  ) {
    this.found = new Map(parts.map((part) => [part, NO_ROWS]));
  }

  add(key: Buffer, rowSum: number): void {
    if (this.found.size === 0) return;
    const part = partOf(this.table, key);
    if (part !== this.part) this.goOn(part);
    this.rows++;
    this.sum += rowSum;
    if (this.sum >= TWO_TO_48) this.sum -= TWO_TO_48;
  }

  private goOn(next: Part | undefined): void {
    const { part, rows, sum } = this;
    if (part !== undefined && this.found.has(part)) this.found.set(part, { rows, sum });
    this.part = next;
    this.rows = this.sum = 0;
  }

  /** Ends the count, and returns its totals. */
  end(): ReadonlyMap<Part, Total> {
    this.goOn(undefined);
    return this.found;
  }
}

export function encodeTotals({ txn, parts, newest }: Totals): Buffer {
  const bytes = Buffer.alloc(NUMBERS * U48_BYTES);
  const numbers = [txn, ...PARTS.flatMap((part) => [parts[part].rows, parts[part].sum])];
  for (const [place, number] of numbers.entries()) bytes.writeUIntBE(number, place * U48_BYTES, U48_BYTES);
  return Buffer.concat([bytes, newest]);
}

export function decodeTotals(bytes: Buffer): Totals {
  if (bytes.length < NUMBERS * U48_BYTES) throw new MvccwError('CORRUPT', `the totals have only ${bytes.length} bytes`);
  const number = (place: number) => bytes.readUIntBE(place * U48_BYTES, U48_BYTES);
  return {
    txn: number(0),
    parts: partTotals((_, place) => ({ rows: number(1 + 2 * place), sum: number(2 + 2 * place) })),
    newest: bytes.subarray(NUMBERS * U48_BYTES),
  };
}

export function partsOf(table: TableName): Part[] {
  return PARTS_OF[table].map(({ part }) => part);
}

/** Returns the number of rows of a table. */
export function rowsOf(table: TableName, parts: PartTotals): number {
  return PARTS_OF[table].reduce((rows, { part }) => rows + parts[part].rows, 0);
}

/** Returns the parts of a table all of whose rows a scan of `range` yields. */
export function partsWithin(table: TableName, { gte, lt }: ByteRange, { newest }: Totals): Part[] {
  const within = PARTS_OF[table].filter(({ range }) => {
    const fromFirst =
      gte === undefined || (range.gte === undefined ? isBelowRecords(table, gte) : gte.compare(range.gte) <= 0);
    const toLast =
      lt === undefined ||
      (range.lt === undefined ? table === 'key' && lt.compare(newest) > 0 : lt.compare(range.lt) >= 0);
    return fromFirst && toLast;
  });
  return within.map(({ part }) => part);
}

/** Tells whether a bound is at revision 0, below all records. */
function isBelowRecords(table: TableName, bound: Buffer): boolean {
  return table === 'key' && bound.equals(LOWEST_RECORD);
}
