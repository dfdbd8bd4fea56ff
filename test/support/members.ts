// This module reads the database files of members of real clusters in fixtures/members. They are of etcd 3.5.30, as they
// lay on disk when the servers had stopped.
//
//   cluster-35-b   m1 was stopped at revision 916, and m2 went on to 932
//   diverged-35    three transactions, at revisions from 931 on, were applied by m2 and refused by m1 (etcd issue 18667)

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { projectFile } from './root.js';

/** Writes the database of a member into a folder and returns its path. */
export function unpackMember(name: string, folder: string): string {
  const path = join(folder, `${name}.db`);
  writeFileSync(path, gunzipSync(readFileSync(projectFile(`fixtures/members/${name}.db.gz`))));
  return path;
}
