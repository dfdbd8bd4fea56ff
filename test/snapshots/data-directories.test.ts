// A data directory of a real server, read with its log, gives what the server itself gave while it ran: its events, reads
// at revisions that were compacted since, and who made each revision. $MVCCW_DATADIRS names other sets to be read.

import assert from 'node:assert/strict';
import t, { type Test } from 'tap';
import type { KeyValue } from '../../src/mvcc/key-value.js';
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

function recorded(kv: KeyValue): RecordedKeyValue {
  return {
    key64: Buffer.from(kv.key, 'latin1').toString('base64'),
    value64: recordedValue(kv.value),
    create_revision: kv.createRevision,
    mod_revision: kv.modRevision,
    version: kv.version,
    lease: String(kv.lease),
  };
}

/** The fields of a record, whatever else the recorder wrote beside them. */
function fieldsOf({ key64, value64, create_revision, mod_revision, version, lease }: RecordedKeyValue) {
  const value = value64.startsWith('sha256:') ? value64 : recordedValue(Buffer.from(value64, 'base64'));
  return { key64, value64: value, create_revision, mod_revision, version, lease: String(lease) };
}

/** Compares every event above the compaction with the truth. */
function checkEvents({ store }: Database, { truth }: RecordedSet, { truthRev }: RecordedMember): number {
  const wanted = truth.filter(({ rev }) => rev > store.compactRev && rev <= truthRev);
  let at = 0;
  for (const record of store.records(store.compactRev + 1, truthRev)) {
    const event = wanted[at++];
    const name = `event ${at}, revision ${record.main}_${record.sub}`;
    const { main: rev, sub, tombstone } = record;
    assert.deepEqual(
      { rev, sub, type: tombstone ? 'delete' : 'put' },
      { rev: event?.rev, sub: event?.sub, type: event?.type },
      name,
    );
    if (tombstone) assert.equal(record.key, latin1(event!.key64), name);
    else assert.deepEqual(recorded(record.keyValue()), fieldsOf(event!), name);
  }
  assert.equal(at, wanted.length);
  return at;
}

function checkGets({ store }: Database, { gets }: RecordedSet, { truthRev }: RecordedMember): number {
  const readable = gets.filter(({ rev }) => rev >= store.compactRev && rev <= truthRev);
  for (const { key64, end64, rev, kvs } of readable) {
    const end = end64 === undefined ? undefined : latin1(end64);
    const found = store.range({ key: latin1(key64), end, rev });
    assert.deepEqual(found.kvs.map(recorded), kvs.map(fieldsOf), `get ${latin1(key64)} at ${rev}`);
  }
  return readable.length;
}

/** No recording took longer. */
const LONGEST_RECORDING_MS = 600_000;

/** Compares who made each revision with who was asked for it. */
function checkOrigins(database: Database, set: RecordedSet): number {
  const lastRev = commonRev(set);
  let known = 0;
  for (const { revision, user, member, op, answeredMs } of set.requests) {
    const [origin, ...others] = revision <= lastRev ? database.log!.window.originsOf(revision) : [];
    if (origin === undefined || others.length > 0) continue;
    known++;
    const { memberBits, startMs } = proposerOf(origin.requestId, answeredMs);
    const found = { user: origin.user, member: memberBits, request: origin.request };
    const request = op === 'delete' ? 'deleteRange' : op;
    assert.deepEqual(found, { user, member: set.memberBits.get(member), request }, `${op} at revision ${revision}`);
    assert.ok(startMs > answeredMs - LONGEST_RECORDING_MS, `${op} at revision ${revision}: when the member was up`);
  }
  return known;
}

async function check(t: Test, set: RecordedSet, member: RecordedMember, path: string, wal?: string): Promise<void> {
  const name = `${set.name}: ${member.name}${wal === undefined ? '' : ' from a base'}`;
  await withDatabase(
    path,
    async (database) => {
      const { store, log } = database;
      assert.equal(store.currentRev, member.currentRev, name);
      assert.equal(log?.window.problem, undefined);
      const counts = [checkEvents(database, set, member), checkGets(database, set, member)];
      t.pass(`${name}: ${counts[0]} events, ${counts[1]} reads, ${checkOrigins(database, set)} requests`);
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
