// A PrefixTable splits keys at a separator (key-prefix.ts), and adds up per prefix.
//
// Where there are too many prefixes, the depth is lowered until there are not: then all sums are still exact.

import { prefixOf } from '../key-prefix.js';
import type { Split } from './split.js';
import { newSplit } from './split.js';

/** What changed under a prefix within a range of revisions. */
interface PrefixChurn {
  changes: number;
  bytes: number;
  keys: number;
}

export interface PrefixRow {
  readonly prefix: string;
  readonly split: Split;
  readonly churn: PrefixChurn;
}

export interface PrefixOptions {
  /** Only keys that begin with it are counted. Levels are counted from its end. */
  readonly prefix: string;
  readonly separator: string;
  readonly depth: number;
}

export const MAX_PREFIXES = 100_000;

export class PrefixTable {
  private rowList: PrefixRow[] = [];
  private places = new Map<string, number>();
  /** The number of levels that prefixes have at most. */
  depth: number;

  constructor(
    private readonly options: PrefixOptions,
    private readonly maxPrefixes = MAX_PREFIXES,
  ) {
    this.depth = options.depth;
  }

  get rows(): readonly PrefixRow[] {
    return this.rowList;
  }

  /** Returns the place of the row that a key belongs to, which may be new. */
  placeOf(key: string): number {
    const prefix = prefixOf(key, this.depth, this.options);
    const known = this.places.get(prefix);
    if (known !== undefined) return known;
    const place = this.rowList.length;
    this.rowList.push(newRow(prefix));
    this.places.set(prefix, place);
    return place;
  }

  get isTooLong(): boolean {
    return this.rowList.length > this.maxPrefixes && this.depth > 0;
  }

  /** Lowers the depth by one. Returns for each row the place of the one that has what was in it. */
  lower(): Int32Array {
    const before = this.rowList;
    this.depth--;
    this.rowList = [];
    this.places = new Map();
    return Int32Array.from(before, ({ prefix, split, churn }) => {
      const place = this.placeOf(prefix);
      addRow(this.rowList[place]!, split, churn);
      return place;
    });
  }
}

function newRow(prefix: string): PrefixRow {
  return { prefix, split: newSplit(), churn: { changes: 0, bytes: 0, keys: 0 } };
}

function addRow(row: PrefixRow, split: Split, churn: PrefixChurn): void {
  for (const name of Object.keys(split) as (keyof Split)[]) row.split[name] += split[name];
  for (const name of Object.keys(churn) as (keyof PrefixChurn)[]) row.churn[name] += churn[name];
}
