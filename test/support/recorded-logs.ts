// This module reads the write-ahead logs of real members (data-directories.ts), of whose zeros at the end few are left.

import { dataDirectoryFile, dataDirectorySizes } from './data-directories.js';
import type { Segment } from './write-log.js';

/** More zeros than a damaged record can be taken to reach into. */
const ZEROS = Buffer.alloc(4096);

export function recordedLog(set: string, member: string): readonly Segment[] {
  const paths = Object.keys(dataDirectorySizes(set, member)).filter((path) => path.endsWith('.wal'));
  return paths.sort().map((path) => {
    const name = path.split('/').at(-1)!;
    return { name, bytes: Buffer.concat([dataDirectoryFile(set, `${member}/${name}`), ZEROS]) };
  });
}
