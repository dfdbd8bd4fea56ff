// This module reads the write-ahead logs of real members in fixtures/logs: one segment each, of whose zeros behind the
// last record 4,096 are left. They are of the servers whose databases are in fixtures/datadirs and fixtures/members.
//
//   mixed-34, auth-35               single servers: leases, transactions, a NOSPACE alarm; users and roles
//   cluster-35-b-m1                 entries that were overwritten, as a leader had appended them alone
//   diverged-35-m1, diverged-35-m2  members that came to differ
//   behind-35-m3                    a member that caught up by a snapshot: indexes 233 to 5969 are missing

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { projectFile } from './root.js';
import type { Segment } from './write-log.js';

export const RECORDED_LOGS = [
  'mixed-34',
  'auth-35',
  'cluster-35-b-m1',
  'diverged-35-m1',
  'diverged-35-m2',
  'behind-35-m3',
] as const;
export type RecordedLog = (typeof RECORDED_LOGS)[number];

/** The name of the first segment of a log. */
export const FIRST_SEGMENT = '0000000000000000-0000000000000000.wal';

export function recordedLog(name: RecordedLog): readonly Segment[] {
  return [{ name: FIRST_SEGMENT, bytes: gunzipSync(readFileSync(projectFile(`fixtures/logs/${name}.wal.gz`))) }];
}
