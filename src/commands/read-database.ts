// Opens the database of a command that only reads, and passes on to stderr what its reader should know.

import { utf8 } from '../bytes/byte-string.js';
import { type Database, type OnRemark, withDatabase } from '../storage/database.js';
import type { Context } from './context.js';

/** Writes a remark as a hint. */
export function hinting({ err }: Pick<Context, 'err'>): OnRemark {
  return (remark) => err.line(utf8(`Hint: ${remark}`));
}

export function readDatabase<T>(
  context: Pick<Context, 'err'>,
  path: string,
  body: (database: Database) => Promise<T>,
): Promise<T> {
  return withDatabase(path, body, hinting(context));
}
