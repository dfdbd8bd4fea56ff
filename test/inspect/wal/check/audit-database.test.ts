// These tests check databases that the plain model makes against the logs of the same histories.

import assert from 'node:assert/strict';
import t from 'tap';
import { auditDatabase } from '../../../../src/inspect/wal/check/audit-database.js';
import type { AuditedFile } from '../../../../src/inspect/wal/check/audit-state.js';
import type { AuditStep, LogFinding } from '../../../../src/inspect/wal/check/log-finding.js';
import type { Entry } from '../../../../src/mvcc/backend.js';
import { idBytes } from '../../../../src/mvcc/lease-entry.js';
import type { MemoryBackend } from '../../../../src/mvcc/memory-backend.js';
import { allRecords } from '../../../../src/mvcc/record.js';
import { encodeRevisionKey, revisionKeyBound } from '../../../../src/mvcc/revision.js';
import { readLog } from '../../../../src/wal/read-log.js';
import fc from '../../../support/fast-check.js';
import { logHistory, type WrittenHistory, writeHistory } from '../../../support/log-histories.js';
import { draws } from '../../../support/random.js';
import { memorySegments } from '../../../support/wal-segments.js';

/** The record of a deletion of a key that no history has. */
const DELETION = Buffer.from([0x0a, 1, 0x7a]);
const CONSISTENT_INDEX = Buffer.from('consistent_index');

/** Returns the backend of a model as the database of a member that has applied entries up to an index. */
function databaseOf(backend: MemoryBackend, index: number): AuditedFile {
  backend.tables.meta.put(CONSISTENT_INDEX, revisionKeyBound(index));
  return Object.assign(backend, { path: 'db', entriesOf: () => [] });
}

/** Compacts the store as the log has, so that the database holds what a server's would. */
function compacted({ model }: WrittenHistory): MemoryBackend {
  const last = model.compactions.at(-1);
  // A server takes 0 for a revision at which it can be compacted.
  if (last !== undefined && last > 0) model.store.compact(last);
  return model.backend;
}

/** The databases of models have neither alarms nor users, which are left out. */
function findingsOf(written: WrittenHistory, database: AuditedFile): LogFinding[] {
  return allFindingsOf(written, database).filter(({ kind }) => kind !== 'alarm' && kind !== 'access');
}

function allFindingsOf({ segments }: WrittenHistory, database: AuditedFile): LogFinding[] {
  const raft = readLog(memorySegments(segments));
  const steps: AuditStep[] = [...auditDatabase({ raft, database, base: undefined })];
  return steps.flatMap((step) => ('finding' in step ? [step.finding] : []));
}

const kindsOf = (findings: readonly LogFinding[]): string[] => findings.map(({ kind }) => kind);

t.test('a database that has applied its log is sound, whatever was compacted', async () => {
  fc.assert(
    fc.property(logHistory, (history) => {
      const written = writeHistory(history);
      fc.pre(written.commit > 0 && written.model.compactions.at(-1) !== 0);
      assert.deepEqual(findingsOf(written, databaseOf(compacted(written), written.commit)), []);
    }),
    { numRuns: draws(20, 600) },
  );
});

t.test('a record that is changed, removed or added is told, with the entry that made its revision', async () => {
  fc.assert(
    fc.property(logHistory, fc.nat(), fc.constantFrom('changed', 'removed', 'added'), (history, draw, what) => {
      const written = writeHistory(history);
      fc.pre(written.model.compactions.at(-1) !== 0);
      const { key } = compacted(written).tables;
      const records = [...allRecords(key)].filter(({ main }) => main > (written.model.compactions.at(-1) ?? 0));
      fc.pre(records.length > 0);
      const { main, tombstone, keyBytes, valueBytes } = records[draw % records.length]!;
      if (what === 'removed') key.delete(keyBytes);
      else if (what === 'added') key.put(encodeRevisionKey({ main, sub: 100 }, true), DELETION);
      else if (tombstone) key.put(keyBytes, DELETION);
      else key.put(keyBytes, Buffer.concat([valueBytes.subarray(0, -1), Buffer.from([valueBytes.at(-1)! ^ 1])]));
      const findings = findingsOf(written, databaseOf(written.model.backend, written.commit));
      assert.deepEqual(kindsOf(findings), ['record']);
      const isNewest = what === 'removed' && main === written.model.store.currentRev;
      assert.equal(findings[0]!.revision?.main, main);
      if (!isNewest) assert.equal(written.outcomes.get(findings[0]!.entry!.index), main);
    }),
    { numRuns: draws(15, 400) },
  );
});

const put = (key: string) => ({ request: { kind: 'put', key, value: 'v' }, isOwn: true, user: '', lag: 0 }) as const;
const request = (wanted: Parameters<typeof writeHistory>[0]['steps'][number] & { request: unknown }) => wanted;

t.test('what compaction keeps and is missing, leases, and another compaction are told', async (t) => {
  const compaction = request({ ...put('a'), request: { kind: 'compaction', revision: 3 } });
  const grant = request({ ...put('a'), request: { kind: 'leaseGrant', id: 7n, ttl: 60 } });
  const written = () => writeHistory({ steps: [put('a'), put('b'), put('a'), grant, compaction], uncommitted: [] });

  const first = written();
  const { key } = compacted(first).tables;
  key.delete(encodeRevisionKey({ main: 2, sub: 0 }));
  const [missing, ...others] = findingsOf(first, databaseOf(first.model.backend, first.commit));
  t.match(missing, { kind: 'record', index: 1, key: 'a', revision: { main: 2, sub: 0 } });
  t.match(missing?.problem, /lacks a put of "a", version 1, which compaction at 3 keeps/);
  t.same(others, []);

  const second = written();
  t.match(findingsOf(second, databaseOf(second.model.backend, second.commit)), [
    { kind: 'compaction', index: 5, problem: /compacted at -1, and by the log it was compacted at 3/ },
  ]);

  const third = written();
  compacted(third).tables.lease.delete(idBytes(7n));
  t.match(findingsOf(third, databaseOf(third.model.backend, third.commit)), [
    { kind: 'lease', lease: 7n, problem: /the database lacks it/ },
  ]);
  t.same(findingsOf(third, databaseOf(third.model.backend, third.commit - 2)), [], 'entries may be applied already');
});

t.test('alarms, users and roles that differ are told', async (t) => {
  const asked = [
    { kind: 'alarm', action: 'activate', member: 0x1an, alarm: 'nospace' },
    { kind: 'userAdd', user: 'ann' },
    { kind: 'roleAdd', role: 'r1' },
    { kind: 'userGrantRole', user: 'ann', role: 'r1' },
  ] as const;
  const written = writeHistory({ steps: asked.map((one) => ({ ...put('a'), request: one })), uncommitted: [] });
  const database = databaseOf(written.model.backend, written.commit);
  const [key, role] = [Buffer.from('ann'), Buffer.from('r2')];
  // A user with another role, and the alarm of another member.
  const buckets: Readonly<Record<string, Entry[]>> = {
    alarm: [{ key: Buffer.from([0x08, 0x1b, 0x10, 1]), value: Buffer.alloc(0) }],
    authUsers: [{ key, value: Buffer.concat([Buffer.from([0x0a, 3]), key, Buffer.from([0x1a, 2]), role]) }],
  };
  const other = Object.assign(database, { entriesOf: (bucket: string) => buckets[bucket] ?? [] });
  t.strictSame(
    allFindingsOf(written, other).map(({ problem }) => problem),
    [
      'by the log alarm NOSPACE of member 1a is on, and in the database it is not',
      'alarm NOSPACE of member 1b is on in the database, and by the log it is not',
      'user ann may do something else by the log than in the database',
      'role r1 is there by the log, and the database lacks it',
    ],
  );
});

t.test('a database beyond its log, or before it, is told', async (t) => {
  const written = writeHistory({ steps: [put('a'), put('b')], uncommitted: [] });
  t.match(findingsOf(written, databaseOf(written.model.backend, 3)), [
    { kind: 'end', index: 3, problem: 'the database has applied entry 3, and the log ends with 2' },
  ]);
});
