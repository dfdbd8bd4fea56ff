// The marks in the `meta` table that make a database one of mvccw: the format of its tables, and an id of its own.
//
//   format 1   rows are as the store writes them
//   format 2   each row ends in a sum (row-values.ts), and there are totals (table-totals.ts)
//
// The mark of the format has no sum, so that every mvccw can read it. A format 2 that damage turns into a 1 is noticed
// by the totals, which format 1 does not have.

import { randomUUID } from 'node:crypto';
import { MvccwError } from '../errors.js';
import type { ReadTable, Table } from '../mvcc/backend.js';
import { damaged } from './lmdb-error.js';

/** The format number. It rises when the layout of the tables changes so that an older mvccw would misread it. */
export const FORMAT = 2;
/** The first format with sums. */
const SUMMED_FORMAT = 2;

const FORMAT_KEY = Buffer.from('mvccw.format');
export const TOTALS_KEY = Buffer.from('mvccw.totals');
const ID_KEY = Buffer.from('mvccw.id');

const OWN_KEYS = [FORMAT_KEY, TOTALS_KEY];
/** The number of rows in `meta` that are the backend's own, in a database with sums. */
export const OWN_ROWS = OWN_KEYS.length;

/** Tells whether a row of `meta` is the backend's own, and no part of what the table shows. */
export function isOwnRow(key: Buffer): boolean {
  return OWN_KEYS.some((own) => own.equals(key));
}

/** Marks the tables as those of a new database. The rows of `meta` must be those that lie in the file. */
export function markFormat(meta: Table): void {
  meta.put(FORMAT_KEY, Buffer.from(String(FORMAT)));
}

/** Gives a new database an id. */
export function giveId(meta: Table): void {
  meta.put(ID_KEY, Buffer.from(randomUUID()));
}

/** Returns the id, which only copies share; undefined for a database that was made before there were ids. */
export function databaseId(meta: ReadTable): string | undefined {
  return meta.get(ID_KEY)?.toString('latin1');
}

export function notOurs(path: string): MvccwError {
  return new MvccwError('FORMAT', `${path} is an LMDB environment, but no database of mvccw`, {
    hint: 'name the directory that mvccw import made, or an etcd file',
  });
}

/** Tells whether the rows of a format have sums. */
export function hasSums(format: number): boolean {
  return format >= SUMMED_FORMAT;
}

/**
 * Returns the format. The rows of `meta` must be those that lie in the file. Throws FORMAT if the mark is missing, or
 * has a format that only a newer mvccw knows, and CORRUPT if it contradicts what else is there.
 */
export function readFormat(path: string, meta: ReadTable): number {
  const text = meta.get(FORMAT_KEY)?.toString('latin1');
  if (text === undefined) throw notOurs(path);
  if (!/^[1-9][0-9]*$/.test(text)) throw damaged(`${path} has an unreadable format mark: ${JSON.stringify(text)}`);
  const format = Number(text);
  if (format > FORMAT) {
    throw new MvccwError('FORMAT', `${path} has format ${text}; this mvccw reads up to format ${FORMAT}`, {
      hint: 'use a newer mvccw',
    });
  }
  if (!hasSums(format) && meta.get(TOTALS_KEY) !== undefined) {
    throw damaged(`${path} has a format mark of ${format}, and totals, which that format does not have`);
  }
  return format;
}
