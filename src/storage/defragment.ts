// Writes a database anew without the pages that compaction and deletes have left free (replace-data-file.ts). Where that
// gains nothing, the file stays.

import type { OnInterrupt } from '../errors.js';
import { type Backend, TABLE_NAMES } from '../mvcc/backend.js';
import { copyTable } from './copy-table.js';
import { interruptible } from './interruption.js';
import { type Replacement, replaceDataFile } from './replace-data-file.js';

export interface DefragmentOptions {
  /** Listens for signals. One that comes before the copy has begun throws InterruptedError; a later one is too late. */
  readonly onInterrupt?: OnInterrupt | undefined;
}

export interface Defragmentation extends Replacement {
  readonly path: string;
}

/** Rewrites `source`, the database in `directory`. Nobody can write to it meanwhile. Throws IO or InterruptedError. */
export async function defragment(
  source: Backend,
  directory: string,
  { onInterrupt }: DefragmentOptions = {},
): Promise<Defragmentation> {
  return await interruptible(onInterrupt, async (pause) => {
    await pause();
    const replacement = replaceDataFile(source, directory, {
      task: `cannot defragment ${directory}`,
      fill(copy) {
        for (const name of TABLE_NAMES) copyTable(source.tables[name], directory, copy, name);
      },
      isWanted: (sizeBytesBefore, copiedBytes) => copiedBytes < sizeBytesBefore,
    });
    return { path: directory, ...replacement };
  });
}
