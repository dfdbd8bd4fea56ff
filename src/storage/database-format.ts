// The marks in the `meta` table that make a database one of mvccw: the format of its tables, and an id of its own.

import { randomUUID } from 'node:crypto';
import { MvccwError } from '../errors.js';
import type { ReadTable, Table } from '../mvcc/backend.js';

/** The format number. It rises when the layout of the tables changes so that an older mvccw would misread it. */
const FORMAT = 1;
const FORMAT_KEY = Buffer.from('mvccw.format');

const ID_KEY = Buffer.from('mvccw.id');

/** Marks the tables as those of a new database. */
export function markDatabase(meta: Table): void {
  meta.put(FORMAT_KEY, Buffer.from(String(FORMAT)));
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

/** Throws FORMAT if the mark is missing, or has a format that only a newer mvccw knows. */
export function checkFormat(path: string, meta: ReadTable | undefined): void {
  const format = meta?.get(FORMAT_KEY)?.toString('latin1');
  if (format === undefined) throw notOurs(path);
  if (!/^[0-9]+$/.test(format)) {
    throw new MvccwError('CORRUPT', `${path} has an unreadable format mark: ${JSON.stringify(format)}`);
  }
  if (Number(format) > FORMAT) {
    throw new MvccwError('FORMAT', `${path} has format ${format}; this mvccw reads up to format ${FORMAT}`, {
      hint: 'use a newer mvccw',
    });
  }
}
