// Opens the database of a command that only reads. What its reader should know goes to stderr as hints, and how far the
// reading has come is shown there.

import { utf8 } from '../bytes/byte-string.js';
import { type Database, type ReadOptions, withDatabase } from '../storage/database.js';
import type { PlaceOptions } from '../storage/database-place.js';
import type { Listener, OnRemark } from '../storage/listener.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT } from './exit-code.js';

type Outputs = Pick<Context, 'err' | 'progress' | 'exitCode'>;

/** The options that say what is read. */
export type DatabaseOptions = Pick<SharedOptions, 'db'> & PlaceOptions;

/** Writes a remark as a hint. */
export function hinting({ err }: Pick<Outputs, 'err'>): OnRemark {
  return (remark) => err.line(utf8(`Hint: ${remark}`));
}

/** Tells people what goes on while a database is read. */
export function listening(context: Outputs): Listener {
  const { err, progress } = context;
  const onRemark = hinting({ err });
  return {
    onRemark,
    async onDoubt(doubt) {
      await onRemark(`what is told is not certain: ${doubt}`);
      if (context.exitCode === EXIT.ok) context.exitCode = EXIT.found;
    },
    onProgress: (work, done, total) => progress.show(work, done, total),
  };
}

export function readDatabase<T>(
  outputs: Outputs,
  { db, wal, compacted }: DatabaseOptions,
  body: (database: Database) => Promise<T>,
  options: Pick<ReadOptions, 'cacheBytes' | 'atRev'> = {},
): Promise<T> {
  return withDatabase(db, body, { ...listening(outputs), ...options, wal, compacted });
}
