// These tests apply the logs of real servers, and hold what comes out against what the servers had told while they ran
// (truth.jsonl, requests.jsonl), against their databases, and against what another reader of the logs has counted.

import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { entryOutcomes } from '../../../src/inspect/wal/entry-outcomes.js';
import { type AppliedLog, applyLog } from '../../../src/mvcc/apply/apply-log.js';
import type { Outcome } from '../../../src/mvcc/apply/outcome.js';
import { hashRecords } from '../../../src/mvcc/hash-kv.js';
import type { StoredRecord } from '../../../src/mvcc/record.js';
import { CheckedStoreReader } from '../../../src/mvcc/store.js';
import { NEWEST_STORE } from '../../../src/mvcc/store-behaviour.js';
import { type EtcdFile, openEtcdFile } from '../../../src/storage/etcd-file.js';
import { decodeRequest } from '../../../src/wal/decode-request.js';
import { proposerOf } from '../../../src/wal/origin.js';
import type { RaftLog } from '../../../src/wal/raft-log.js';
import { readLog } from '../../../src/wal/read-log.js';
import type { RaftRequest } from '../../../src/wal/request.js';
import { DATA_DIRECTORIES, dataDirectoryFile, dataDirectorySizes } from '../../support/data-directories.js';
import { recordedLog } from '../../support/recorded-logs.js';
import { recordedValue } from '../../support/recorded-sets.js';
import { parseExactly } from '../../support/snapshots.js';
import { memorySegments } from '../../support/wal-segments.js';

interface TrueEvent {
  readonly rev: number;
  readonly sub: number;
  readonly type: string;
  readonly key64: string;
  readonly value64?: string;
  readonly create_revision: number;
  readonly version: number;
  readonly lease?: number | string;
}

function linesOf(set: string, name: string): unknown[] {
  const lines = dataDirectoryFile(set, `${name}.jsonl`).toString().trimEnd().split('\n');
  return lines.map(parseExactly);
}

/** Returns an event of the truth as a line. Long values stand there as their digests in some sets. */
function lineOfTruth(event: TrueEvent): string {
  const { rev, sub, key64, value64 = '' } = event;
  if (event.type.toLowerCase() === 'delete') return `${rev} ${sub} ${key64}`;
  const value = value64.startsWith('sha256:') ? value64 : recordedValue(Buffer.from(value64, 'base64'));
  return `${rev} ${sub} ${key64} ${value} ${event.create_revision} ${event.version} ${event.lease ?? 0}`;
}

function lineOf(record: StoredRecord): string {
  const { main, sub } = record;
  const { key, value, createRevision, version, lease } = record.keyValue();
  const key64 = Buffer.from(key, 'latin1').toString('base64');
  if (record.tombstone) return `${main} ${sub} ${key64}`;
  return `${main} ${sub} ${key64} ${recordedValue(value)} ${createRevision} ${version} ${lease}`;
}

function logOf(set: string, member: string): RaftLog {
  return readLog(memorySegments(recordedLog(set, member)));
}

const FOLDER = t.testdir();

/** Hands the database of a member to `body`; without a member, the one that the log of the set goes on from. */
function withFile<T>(set: string, member: string | undefined, body: (file: EtcdFile) => T): T {
  const path = join(FOLDER, `${set}-${member ?? 'base'}.db`);
  writeFileSync(path, dataDirectoryFile(set, member === undefined ? 'base.db' : join(member, 'db')));
  if (member !== undefined) truncateSync(path, dataDirectorySizes(set, member)['member/snap/db']);
  const file = openEtcdFile(path);
  try {
    return body(file);
  } finally {
    file.close();
  }
}

const REFUSED_PUTS = ['lease not found', 'key not found'];
const DENIALS = ['permission denied', 'user name is empty', 'revision in header is old'];
const SHORT_KINDS: Record<string, string> = {
  deleteRange: 'delete',
  leaseGrant: 'grant',
  leaseRevoke: 'revoke',
  v2: 'v2 request PUT',
};

/** Returns what the other reader calls an entry and what came of it. */
function wordOf(type: number, request: RaftRequest | undefined, { revision, reason = '' }: Outcome): string {
  if (type !== 0) return 'confchange';
  if (request === undefined) return 'noop';
  const { kind } = request;
  if (kind === 'v2') return 'v2 request PUT';
  if (kind === 'alarm') return `alarm ${request.action.toUpperCase()} ${request.alarm.toUpperCase()} +0`;
  if (kind === 'authenticate') return 'authenticate +0';
  if (kind.startsWith('auth')) return 'auth change +0';
  const short = SHORT_KINDS[kind] ?? kind;
  if (revision !== undefined) return `${short} +1`;
  if (DENIALS.includes(reason)) return `${short} denied: auth: ${reason} +0`;
  if (reason === 'NOSPACE') return `${short} capped +0`;
  if (kind === 'txn' && REFUSED_PUTS.includes(reason)) return 'txn refused for its put +0';
  if (kind === 'txn' && reason.startsWith('revision ')) return 'txn refused for its range +0';
  if (kind === 'leaseRevoke' && reason === 'lease not found') return 'revoke unknown +0';
  const isRefused = REFUSED_PUTS.includes(reason) || reason === 'lease exists' || reason.startsWith('revision ');
  return `${short}${isRefused ? ' refused' : ''} +0`;
}

function countedOf(log: RaftLog, applied: AppliedLog): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { index, type, data } of log.entries(applied.firstIndex, applied.lastIndex)) {
    const request = type === 0 && data.length > 0 ? decodeRequest(data) : undefined;
    const word = wordOf(type, request, applied.outcomeOf(index)!);
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}

/** Returns what the other reader has counted, by the members. It tells some things apart that come to the same. */
function reportedOf(set: string): Map<string, Record<string, number>> {
  const parts = dataDirectoryFile(set, 'about.md')
    .toString()
    .split(/^(\w+)\.tar\.gz:$/m)
    .slice(1);
  const reported = new Map<string, Record<string, number>>();
  for (let i = 0; i < parts.length; i += 2) {
    const counts: Record<string, number> = {};
    for (const item of /^ {2}(.*\+.*)$/m.exec(parts[i + 1]!)![1]!.split('; ')) {
      const [, word = '', count] = /^(.*): (\d+)$/.exec(item)!;
      const name = word.replace(/ \(nested, while capped\)| by user/, '');
      counts[name] = (counts[name] ?? 0) + Number(count);
    }
    reported.set(parts[i]!, counts);
  }
  return reported;
}

const REFUSED = ['1292', '1318', '1345'].map((index) => `${index} refused by the database`);
const APPLIED = REFUSED.map((text) => text.replace('refused', 'applied'));

/** What the logs alone do not decide, and how it is decided. */
const DOUBTS: Readonly<Record<string, readonly string[]>> = {
  'single-34/data': ['1479 refused by the database', '1679 refused by the database'],
  'single-35/data': ['1254 refused by the database'],
  'diverged-35/m1': REFUSED,
  'diverged-35/m2': APPLIED,
  'diverged-35/m3': APPLIED,
  'auth-35-b/data': [
    // Nothing that is left in the database shows what came of 109: had it been applied again, 159 had been too.
    ...[109, 157, 159, 303, 309, 392, 533, 686, 1322].map((index) => `${index} refused by the database`),
  ],
};

/** A log as long as its neighbour, and like it. */
const SAME_LOG = 'behind-35/m2';

/** Where a log lacks entries: the first that it lacks. */
const STOPS: Readonly<Record<string, number>> = { 'behind-35/m3': 233 };

/** Where a member has other revisions than the truth tells: the first such revision. */
const DIVERGED: Readonly<Record<string, number>> = { 'diverged-35/m1': 931 };

for (const [set, members] of Object.entries(DATA_DIRECTORIES)) {
  t.test(`the log of ${set}`, async (t) => {
    const truth = (linesOf(set, 'truth') as TrueEvent[]).map((event) => ({ rev: event.rev, line: lineOfTruth(event) }));
    const isReported = !/^(auth|cluster|mixed)-3\d$/.test(set);
    const reported = isReported ? reportedOf(set) : undefined;
    for (const member of members.filter((name) => `${set}/${name}` !== SAME_LOG)) {
      const log = logOf(set, member);
      const check = (base: EtcdFile | undefined) => {
        const applied = applyLog(log, base);
        const store = new CheckedStoreReader(applied.backend);
        const until = DIVERGED[`${set}/${member}`] ?? applied.currentRev + 1;
        const from = base === undefined ? 2 : applied.baseRev + 1;
        const got = [...store.records(from, until - 1)].map(lineOf);
        const expected = truth.filter(({ rev }) => rev >= from && rev < until).map(({ line }) => line);
        const first = got.findIndex((line, i) => line !== expected[i]);
        t.equal(got[first], expected[first], `${member}: every event`);
        t.equal(got.length, expected.length, `${member}: the number of events`);
        t.equal(applied.stop?.index, STOPS[`${set}/${member}`], `${member}: where it stops`);
        if (reported !== undefined) {
          // The other reader goes on beyond what is known to be committed.
          const all = goOn(log, base, applied, log.lastIndex);
          t.strictSame(countedOf(log, all), reported.get(member), `${member}: the outcomes`);
        }
        withFile(set, member, (db) => {
          compareToDatabase(t, log, base, applied, db);
          const { doubts } = applied.doubts.length === 0 ? applied : applyLog(log, base, { beside: db });
          const told = doubts.map(({ index, followed, decidedBy }) => `${index} ${followed} by the ${decidedBy}`);
          t.strictSame(told, DOUBTS[`${set}/${member}`] ?? [], `${member}: the doubts`);
        });
      };
      if (set === 'purged-35') withFile(set, undefined, check);
      else check(undefined);
    }
  });
}

/** Returns the log as it is applied up to an entry. */
function goOn(log: RaftLog, base: EtcdFile | undefined, applied: AppliedLog, upTo: number): AppliedLog {
  return applied.lastIndex === upTo || applied.stop !== undefined ? applied : applyLog(log, base, { upTo });
}

/** Applies the log up to where a database is, and compares its hash and its leases. */
function compareToDatabase(
  t: Test,
  log: RaftLog,
  base: EtcdFile | undefined,
  committed: AppliedLog,
  db: EtcdFile,
): void {
  const applied = goOn(log, base, committed, Number(db.raftRecords().consistentIndex!.readBigUInt64BE()));
  if (applied.stop !== undefined) return;
  const [store, expected] = [new CheckedStoreReader(applied.backend), new CheckedStoreReader(db)];
  const { currentRev: revision, compactRev } = expected;
  t.equal(applied.currentRev, revision);
  t.equal(applied.compactions.at(-1)?.revision ?? -1, compactRev);
  const window = { revision, compactRev, behaviours: NEWEST_STORE };
  t.equal(
    hashRecords(() => store.records(0, revision), window),
    expected.hash().hash,
    'the hash',
  );
  const leases = (of: CheckedStoreReader) => [...of.leases.list()];
  t.strictSame(leases(store), leases(expected), 'the leases');
}

t.test('users and members, as the requests tell them', async (t) => {
  interface Request {
    readonly changed: boolean;
    readonly revision: number;
    readonly user?: string;
    readonly member: string;
  }
  let requests = 0;
  for (const [set, member] of [
    ['auth-35-b', 'data'],
    ['cluster-35-b', 'm2'],
  ] as const) {
    const applied = applyLog(logOf(set, member), undefined);
    const bits = new Map<string, number>();
    for (const request of linesOf(set, 'requests') as Request[]) {
      if (!request.changed || request.revision > applied.currentRev) continue;
      const { user, requestId } = applied.originOf(request.revision)!;
      const { memberBits } = proposerOf(requestId, Date.UTC(2026, 10, 28));
      if (user !== (request.user ?? '')) t.equal(user, request.user, `${set}: revision ${request.revision}`);
      if (!bits.has(request.member)) bits.set(request.member, memberBits);
      if (bits.get(request.member) !== memberBits) t.fail(`${set}: revision ${request.revision}`);
      requests++;
    }
    t.equal(new Set(bits.values()).size, bits.size, 'each member has its own');
  }
  t.ok(requests > 1000);
});

t.test('a log that jumps is applied up to there', async (t) => {
  const applied = applyLog(logOf('behind-35', 'm3'), undefined);
  t.strictSame(applied.stop, { index: 233, reason: 'the log does not have the entries from 233 to 5969' });
  t.equal(applied.lastIndex, 232);
  t.equal(applied.currentRev, 154);
  t.equal(applied.outcomeOf(233), undefined);
});

t.test('a database that cannot be compared with settles nothing of what is listed', async (t) => {
  const raft = logOf('diverged-35', 'm1');
  withFile('diverged-35', 'm1', (beside) => {
    t.equal(entryOutcomes({ raft, beside }).doubt, undefined);
    t.match(entryOutcomes({ raft, beside, isUnchanged: () => false }).doubt, /^what came of entry 1292 is not certain/);
  });
});
