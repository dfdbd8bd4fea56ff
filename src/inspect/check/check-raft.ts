// Checks what etcd records beside the keys of how far it has come in its log: the index and the term of the last entry
// that it has applied, the voters, and the versions of the cluster and of the file. Which of them are there depends on
// the release:
//
//   consistent_index   always, once there has been a change; what made the file otherwise names no version of a cluster
//   term               from 3.5 on
//   confState          from 3.5 on, once the members have changed
//   storageVersion     from 3.6 on
//
// A restored file begins a new log, so that the index may be far below the revision. Nothing else bounds it.

import { quoteKey, quoteText } from '../../bytes/key-text.js';
import type { Finding } from './finding.js';

const INDEX_BYTES = 8;
const MAX_INDEX = BigInt(Number.MAX_SAFE_INTEGER);
const VERSION = /^(\d{1,5})\.(\d{1,5})\.\d{1,5}$/;

/** The records that are checked; undefined for one that is not there. */
export interface RaftRecords {
  readonly consistentIndex: Buffer | undefined;
  readonly term: Buffer | undefined;
  readonly confState: Buffer | undefined;
  readonly storageVersion: Buffer | undefined;
  readonly clusterVersion: Buffer | undefined;
}

/** `hasChanges` tells whether there is a record or the mark of a compaction, and so whether anything was ever applied. */
export function* checkRaft(records: RaftRecords, hasChanges: boolean): Iterable<Finding> {
  const { consistentIndex, term, confState, storageVersion, clusterVersion } = records;
  yield* checkNumber('consistent_index', consistentIndex);
  yield* checkNumber('term', term);
  if (confState !== undefined) yield* checkConfState(confState);
  yield* checkVersion('meta', 'storageVersion', storageVersion);
  yield* checkVersion('cluster', 'clusterVersion', clusterVersion);
  const release = clusterVersion === undefined ? undefined : releaseOf(clusterVersion);
  if (release === undefined || !hasChanges) return;
  const file = `the cluster is of etcd ${release.text}`;
  if (consistentIndex === undefined) {
    yield raftFinding(
      'consistent_index',
      `is missing: ${file}, which records the last entry of the log that it applied`,
    );
  } else if (term === undefined && isFrom(release, 3, 5)) {
    yield raftFinding('term', `is missing: ${file}, which records it beside consistent_index`);
  }
}

function raftFinding(name: string, problem: string, bucket = 'meta'): Finding {
  return {
    kind: 'raft',
    ...(bucket === 'meta' && { table: 'meta' }),
    bucket,
    entry: Buffer.from(name),
    problem: `record ${name} of bucket '${bucket}' ${problem}`,
  };
}

function* checkNumber(name: string, bytes: Buffer | undefined): Iterable<Finding> {
  if (bytes === undefined) return;
  if (bytes.length !== INDEX_BYTES) {
    yield raftFinding(name, `has ${bytes.length} bytes, expected ${INDEX_BYTES}`);
    return;
  }
  const number = bytes.readBigUInt64BE(0);
  if (number === 0n) yield raftFinding(name, 'is 0, and the log begins at 1');
  else if (number > MAX_INDEX) yield raftFinding(name, `is ${number}, which is beyond reason`);
}

function* checkVersion(bucket: string, name: string, bytes: Buffer | undefined): Iterable<Finding> {
  if (bytes === undefined || releaseOf(bytes) !== undefined) return;
  yield raftFinding(name, `is ${quoteKey(bytes.toString('latin1'))}, which is no version`, bucket);
}

interface Release {
  readonly major: number;
  readonly minor: number;
  readonly text: string;
}

function releaseOf(bytes: Buffer): Release | undefined {
  const text = bytes.toString('latin1');
  const [, major, minor] = VERSION.exec(text) ?? [];
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor), text };
}

function isFrom({ major, minor }: Release, wantedMajor: number, wantedMinor: number): boolean {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** The fields of raft's ConfState, with the form of each. */
const CONF_STATE: Readonly<Record<string, 'ids' | 'flag'>> = {
  voters: 'ids',
  learners: 'ids',
  voters_outgoing: 'ids',
  learners_next: 'ids',
  auto_leave: 'flag',
};

function* checkConfState(bytes: Buffer): Iterable<Finding> {
  const problem = confStateProblem(bytes);
  if (problem !== undefined) yield raftFinding('confState', problem);
}

function confStateProblem(bytes: Buffer): string | undefined {
  let state: unknown;
  try {
    state = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return 'is no JSON';
  }
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return 'is no object';
  const fields = Object.entries(state);
  const wrong = fields.find(([name, value]) => !isField(CONF_STATE[name], value));
  if (wrong !== undefined) return `has a field ${quoteText(wrong[0])} that raft does not write so`;
  const voters = fields.find(([name]) => name === 'voters')?.[1];
  return Array.isArray(voters) && voters.length > 0 ? undefined : 'names no voter';
}

function isField(form: 'ids' | 'flag' | undefined, value: unknown): boolean {
  if (form === 'flag') return typeof value === 'boolean';
  // Ids have 64 bits, which numbers here cannot hold exactly.
  const isId = (id: unknown) => typeof id === 'number' && id > 0 && id <= 2 ** 64;
  return form === 'ids' && (value === null || (Array.isArray(value) && value.every(isId)));
}
