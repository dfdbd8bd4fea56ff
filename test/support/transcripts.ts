// This module reads recorded sessions with real etcdctl from fixtures/transcripts and removes what depends on a server.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { projectFile } from './root.js';

const FOLDER = projectFile('fixtures/transcripts/');

export interface TranscriptStep {
  /** The command's first word is etcdctl. */
  readonly cmd: readonly string[];
  readonly stdin?: string;
  readonly stdout?: string;
  /** This base64 text takes the place of stdout if the output is not UTF-8. */
  readonly stdout64?: string;
  readonly stderr?: string;
  readonly exit: number;
  /** The command ran for this long until it was interrupted. */
  readonly interruptedAfterSeconds?: number;
}

export function readTranscript(name: string): TranscriptStep[] {
  const lines = gunzipSync(readFileSync(`${FOLDER}${name}.jsonl.gz`))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  return lines.slice(1).map((line) => JSON.parse(line) as TranscriptStep);
}

/** Returns the command line without the program's name. */
export function commandOf({ cmd }: TranscriptStep): string {
  return cmd.slice(1).join(' ');
}

const INTERRUPTED = 124;

/** Returns the status that mvccw exits with in place of etcdctl's, which distinguishes fewer cases. */
export function exitClass({ exit, stderr = '' }: TranscriptStep): number {
  if (exit === 0) return 0;
  if (exit === INTERRUPTED) return 130;
  const notThere = /future revision|has been compacted|lease not found|key not found/;
  return notThere.test(stderr) ? 4 : 2;
}

/** Removes the ids of cluster, member and term, and replaces every randomly chosen lease id by the same word. */
export function withoutServer(stdout: string): string {
  return stdout
    .replace(/"(?:cluster_id|member_id)":\d+,/g, '')
    .replace(/,?"raft_term":\d+/g, '')
    .replace(/^"(?:ClusterID|MemberID|RaftTerm)" : \d+\n/gm, '')
    .replace(/\b[0-7][0-9a-f]{15}\b/g, (id) => (id.startsWith('0000') ? id : 'LEASE'))
    .replace(/"ID"( ?: ?)\d{17,}/g, '"ID"$1LEASE');
}
