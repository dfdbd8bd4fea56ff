// A data directory of a real server, read with its log, gives what the server itself gave while it ran: its events, reads
// at revisions that were compacted since, and who made each revision. $MVCCW_DATADIRS names other sets to be read.

import assert from 'node:assert/strict';
import t, { type Test } from 'tap';
import { consistentIndexOf } from '../../src/mvcc/apply/base-state.js';
import type { KeyValue } from '../../src/mvcc/key-value.js';
import { StoreReader } from '../../src/mvcc/store.js';
import { type Database, withDatabase } from '../../src/storage/database.js';
import { proposerOf } from '../../src/wal/origin.js';
import {
  commonRev,
  type RecordedKeyValue,
  type RecordedMember,
  type RecordedSet,
  recordedSets,
  recordedValue,
} from '../support/recorded-sets.js';
import { temporaryFolder } from '../support/run-cli.js';

const latin1 = (base64: string) => Buffer.from(base64, 'base64').toString('latin1');

/** Returns a record as one line, which is quicker to compare. */
function lineOf(kv: KeyValue): string {
  const key = Buffer.from(kv.key, 'latin1').toString('base64');
  return [key, recordedValue(kv.value), kv.createRevision, kv.modRevision, kv.version, kv.lease].join(' ');
}

function recordedLine({ key64, value64, create_revision, mod_revision, version, lease }: RecordedKeyValue): string {
  const value = value64.startsWith('sha256:') ? value64 : recordedValue(Buffer.from(value64, 'base64'));
  return [key64, value, create_revision, mod_revision, version, lease].join(' ');
}

/** Compares every event above the compaction with the truth. */
function checkEvents({ store }: Database, { truth }: RecordedSet, { truthRev }: RecordedMember): number {
  const wanted = truth.filter(({ rev }) => rev > store.compactRev && rev <= truthRev);
  let at = 0;
  for (const record of store.records(store.compactRev + 1, truthRev)) {
    const { main, sub, tombstone } = record;
    const event = wanted[at++];
    const name = `event ${at}`;
    const wantedRevision = `${event?.type} ${event?.rev}_${event?.sub}`;
    assert.equal(`${tombstone ? 'delete' : 'put'} ${main}_${sub}`, wantedRevision, name);
    if (tombstone) assert.equal(record.key, latin1(event!.key64), name);
    else assert.equal(lineOf(record.keyValue()), recordedLine(event!), name);
  }
  assert.equal(at, wanted.length);
  return at;
}

function checkGets({ store }: Database, { gets }: RecordedSet, { truthRev }: RecordedMember): number {
  const readable = gets.filter(({ rev }) => rev >= store.compactRev && rev <= truthRev);
  for (const { key64, end64, rev, kvs } of readable) {
    const end = end64 === undefined ? undefined : latin1(end64);
    const found = store.range({ key: latin1(key64), end, rev });
    assert.deepEqual(found.kvs.map(lineOf), kvs.map(recordedLine), `get ${latin1(key64)} at ${rev}`);
  }
  return readable.length;
}

/** No recording took longer. */
const LONGEST_RECORDING_MS = 600_000;

/** The most requests of a member that are looked at: each is read from the log by itself. */
const MAX_REQUESTS = 500;

/** Compares who made each revision with who was asked for it. */
function checkOrigins(database: Database, set: RecordedSet): number {
  const lastRev = commonRev(set);
  let known = 0;
  const step = Math.ceil(set.requests.length / MAX_REQUESTS);
  for (const [i, { revision, user, member, op, answeredMs }] of set.requests.entries()) {
    if (i % step !== 0) continue;
    const [origin, ...others] = revision <= lastRev ? database.log!.window.originsOf(revision) : [];
    if (origin === undefined || others.length > 0) continue;
    known++;
    const { memberBits, startMs } = proposerOf(origin.requestId, answeredMs);
    const found = { user: origin.user, member: memberBits, request: origin.request };
    const request = op === 'delete' ? 'deleteRange' : op;
    const name = `${op} at revision ${revision}`;
    assert.deepEqual(found, { user, member: set.memberBits.get(member), request }, name);
    assert.ok(startMs > answeredMs - LONGEST_RECORDING_MS, name);
  }
  return known;
}

/** Returns each lease with its keys, as one line. */
function leasesOf({ leases }: StoreReader): string[] {
  return [...leases.list()].map(({ id, ttlSeconds, remainingTtlSeconds }) =>
    [id, ttlSeconds, remainingTtlSeconds, ...leases.keys(id)].join(' '),
  );
}

/** Compares the leases with those of the database beside the log, if that has applied the same entries. */
function checkLeases({ etcdFile, log, store }: Database): void {
  if (etcdFile === undefined || log === undefined || consistentIndexOf(etcdFile) !== log.window.lastIndex) return;
  assert.deepEqual(leasesOf(store), leasesOf(new StoreReader(etcdFile)));
}

async function check(t: Test, set: RecordedSet, member: RecordedMember, path: string, wal?: string): Promise<void> {
  const name = `${set.name}: ${member.name}${wal === undefined ? '' : ' from a base'}`;
  await withDatabase(
    path,
    async (database) => {
      const { store, log } = database;
      assert.equal(store.currentRev, member.currentRev, name);
      assert.equal(log?.window.problem, undefined);
      if (wal === undefined) checkLeases(database);
      const counts = [
        checkEvents(database, set, member),
        checkGets(database, set, member),
        checkOrigins(database, set),
      ];
      // Other sets than those of the project may be shorter.
      const areEnough = process.env.MVCCW_DATADIRS !== undefined || counts.every((count) => count > 10);
      t.ok(areEnough, `${name}: ${counts[0]} events, ${counts[1]} reads, ${counts[2]} requests`);
    },
    { wal },
  );
}

for (const set of recordedSets()) {
  t.test(set.name, async (t) => {
    const folder = temporaryFolder(t);
    const base = set.unpackBase(folder);
    for (const member of set.members) {
      const directory = set.unpack(member.name, folder);
      await check(t, set, member, directory);
      if (base !== undefined) await check(t, set, member, base, directory);
    }
  });
}
