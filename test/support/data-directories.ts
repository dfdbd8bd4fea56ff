// This module reads fixtures/datadirs: data directories of the members of real etcd servers (3.4.23 and 3.5.30), each set
// with what its recorder knew. The zeros at the end of a file are cut off there, and come back as a hole.
//
//   SET/MEMBER/sizes.json     the files of the directory, with their sizes; one without content is all zeros
//   SET/MEMBER/*.wal.gz, db.gz
//   SET/truth.jsonl.gz        every event from revision 2 on, as the server's watch gave it while it ran
//   SET/requests.jsonl.gz     what was asked, by whom, of which member, and the revision of the answer
//   SET/expected.json.gz      reads at old revisions, hashes, and the state of each member
//   SET/about.md              how it was recorded, and what another reader of the log found
//   purged-35/base.db.gz      a snapshot from which the log goes on

import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { projectFile } from './root.js';

/** The members of each set. */
export const DATA_DIRECTORIES: Readonly<Record<string, readonly string[]>> = {
  'auth-35': ['m1'],
  'auth-35-b': ['data'],
  'behind-35': ['m1', 'm2', 'm3'],
  'cluster-34': ['m1', 'm2', 'm3'],
  'cluster-35': ['m1', 'm2', 'm3'],
  'cluster-35-b': ['m1', 'm2', 'm3'],
  'diverged-35': ['m1', 'm2', 'm3'],
  'k8s-35': ['data'],
  'mixed-34': ['m1'],
  'mixed-35': ['m1'],
  'purged-35': ['data'],
  'single-34': ['data'],
  'single-35': ['data'],
};

/** Returns the content of a file of a set; the zeros at its end are missing. */
export function dataDirectoryFile(set: string, name: string): Buffer {
  const path = projectFile(join('fixtures/datadirs', set, name));
  return existsSync(`${path}.gz`) ? gunzipSync(readFileSync(`${path}.gz`)) : readFileSync(path);
}

/** Returns the files of a member's data directory with their sizes: `member/snap/db`, `member/wal/…`. */
export function dataDirectorySizes(set: string, member: string): Record<string, number> {
  return JSON.parse(dataDirectoryFile(set, join(member, 'sizes.json')).toString());
}

/** The zeros behind the last record of a segment that are left for tests that read many. */
const FEW_ZEROS = 64 * 1024;

/**
 * Writes the data directory of a member into a folder, as it lay on disk, and returns its path. With `short`, segments
 * have fewer zeros at their end, so that they are read in no time.
 */
export function unpackDataDirectory(set: string, member: string, folder: string, short = false): string {
  const directory = join(folder, `${set}-${member}`);
  for (const [name, sizeBytes] of Object.entries(dataDirectorySizes(set, member))) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    const packed = join(member, `${name.split('/').at(-1)}`);
    const hasContent = existsSync(projectFile(join('fixtures/datadirs', set, `${packed}.gz`)));
    const content = hasContent ? dataDirectoryFile(set, packed) : Buffer.alloc(0);
    writeFileSync(path, content);
    truncateSync(path, short && name.endsWith('.wal') ? Math.min(content.length + FEW_ZEROS, sizeBytes) : sizeBytes);
  }
  return directory;
}
