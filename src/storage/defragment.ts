// Writes a database anew without the pages that compaction and deletes have left free (replace-data-file.ts). Where that
// gains nothing, the file stays. A database of an older format becomes one of the newest.

import type { OnInterrupt } from '../errors.js';
import { type Backend, TABLE_NAMES } from '../mvcc/backend.js';
import { copyTable } from './copy-table.js';
import { FORMAT } from './database-format.js';
import { interruptible } from './interruption.js';
import { type Replacement, replaceDataFile } from './replace-data-file.js';

export interface DefragmentOptions {
  /** Listens for signals. One that comes before the copy has begun throws InterruptedError; a later one is too late. */
  readonly onInterrupt?: OnInterrupt | undefined;
}

export interface Defragmentation extends Replacement {
  readonly path: string;
  /** The format that the database had, if that was an older one. */
  readonly upgradedFrom?: number;
}

/** Rewrites `source`, the database in `directory`. Nobody can write to it meanwhile. Throws IO or InterruptedError. */
export async function defragment(
  source: Backend,
  directory: string,
  { onInterrupt }: DefragmentOptions = {},
): Promise<Defragmentation> {
  return await interruptible(onInterrupt, async (pause) => {
    await pause();
    const { format = FORMAT } = source;
    const isOld = format < FORMAT;
    const replacement = replaceDataFile(source, directory, {
      task: `cannot defragment ${directory}`,
      fill(copy) {
        for (const name of TABLE_NAMES) copyTable(source.tables[name], directory, copy, name);
      },
      isWanted: (sizeBytesBefore, copiedBytes) => isOld || copiedBytes < sizeBytesBefore,
    });
    return { path: directory, ...replacement, ...(isOld && { upgradedFrom: format }) };
  });
}
