// Compares what a database holds beside its records with what its log gives: where it was compacted, the leases, the alarms,
// users and roles.

import type { AccessState } from '../../../mvcc/apply/access-control.js';
import type { AppliedLog } from '../../../mvcc/apply/apply-log.js';
import { type ApplyBase, readAccess, readAlarms } from '../../../mvcc/apply/base-state.js';
import type { ReadBackend } from '../../../mvcc/backend.js';
import { formatLeaseId } from '../../../mvcc/lease-entry.js';
import { decodeLease } from '../../../mvcc/lease-record.js';
import { readState } from '../../../mvcc/store-state.js';
import { NORMAL, type RaftLog } from '../../../wal/raft-log.js';
import type { AuditStep } from './log-finding.js';
import { readableRequest } from './named-entry.js';

/** An etcd file. */
export type AuditedFile = ApplyBase & ReadBackend & { readonly path: string };

export interface AuditSides {
  readonly raft: RaftLog;
  /** The database of the member. */
  readonly database: AuditedFile;
  /** An older database, from which the log goes on. */
  readonly base: AuditedFile | undefined;
  readonly onIndex?: ((index: number) => void) | undefined;
}

/**
 * Compares with a database that has applied entries up to an index. Up to 3.4, a database may have more than that of what
 * is no record: it names an entry as applied only when a key has changed. What later entries do is not compared.
 */
export function* auditState(
  { raft, database, base }: AuditSides,
  applied: AppliedLog,
  index: number,
): Iterable<AuditStep> {
  const later = effectsBehind(raft, index);
  const { compactRev } = readState(database);
  if (!later.compactions.has(compactRev)) yield* auditCompaction(applied, base, compactRev);
  yield* auditLeases(applied.backend, database, later.leases);
  if (!later.hasAlarm) yield* auditAlarms(applied, database);
  if (!later.hasAccess) yield* auditAccess(applied.access, readAccess(database));
}

/** What entries behind the last that a database names as applied do. */
interface LaterEffects {
  readonly leases: ReadonlySet<bigint>;
  readonly compactions: ReadonlySet<number>;
  readonly hasAlarm: boolean;
  readonly hasAccess: boolean;
}

function effectsBehind(raft: RaftLog, index: number): LaterEffects {
  const leases = new Set<bigint>();
  const compactions = new Set<number>();
  let [hasAlarm, hasAccess] = [false, false];
  for (const { type, data } of raft.entries(index + 1)) {
    if (type !== NORMAL || data.length === 0) continue;
    const request = readableRequest(data);
    if (request?.kind === 'leaseGrant' || request?.kind === 'leaseRevoke') leases.add(request.id);
    if (request?.kind === 'compaction') compactions.add(request.revision);
    hasAlarm ||= request?.kind === 'alarm';
    hasAccess ||= request?.kind.startsWith('auth') ?? false;
  }
  return { leases, compactions, hasAlarm, hasAccess };
}

function* auditCompaction(applied: AppliedLog, base: AuditedFile | undefined, compactRev: number): Iterable<AuditStep> {
  const before = base === undefined ? -1 : readState(base).compactRev;
  const last = applied.compactions.at(-1);
  const wanted = Math.max(last?.revision ?? -1, before);
  if (wanted === compactRev) return;
  const problem = `the database is compacted at ${compactRev}, and by the log it was compacted at ${wanted}`;
  yield { finding: { kind: 'compaction', index: last?.index, problem } };
}

function leasesOf({ tables: { lease } }: Pick<ReadBackend, 'tables'>): Map<bigint, number> {
  const leases = new Map<bigint, number>();
  for (const { key, value } of lease.entries()) {
    if (key.length !== 8) continue;
    const { id, ttlSeconds } = decodeLease(value);
    leases.set(id, ttlSeconds);
  }
  return leases;
}

function* auditLeases(applied: ReadBackend, database: ReadBackend, later: ReadonlySet<bigint>): Iterable<AuditStep> {
  const [ofLog, ofDatabase] = [leasesOf(applied), leasesOf(database)];
  for (const [lease, ttl] of ofLog) {
    if (later.has(lease)) continue;
    const other = ofDatabase.get(lease);
    const name = `lease ${formatLeaseId(lease)}`;
    if (other === undefined) {
      yield { finding: { kind: 'lease', lease, problem: `${name} is granted by the log, and the database lacks it` } };
    } else if (other < ttl) {
      // A server grants at least its own least time, which the log does not tell.
      const problem = `${name} has ${ttl} seconds by the log, and ${other} in the database`;
      yield { finding: { kind: 'lease', lease, problem } };
    }
  }
  for (const lease of ofDatabase.keys()) {
    if (ofLog.has(lease) || later.has(lease)) continue;
    const problem = `lease ${formatLeaseId(lease)} is in the database, and by the log there is none`;
    yield { finding: { kind: 'lease', lease, problem } };
  }
}

function* auditAlarms(applied: AppliedLog, database: AuditedFile): Iterable<AuditStep> {
  const named = (alarms: AppliedLog['alarms']) =>
    new Set(alarms.map(({ alarm, memberId }) => `${alarm} of member ${memberId.toString(16)}`));
  const [ofLog, ofDatabase] = [named(applied.alarms), named(readAlarms(database))];
  for (const alarm of ofLog) {
    if (ofDatabase.has(alarm)) continue;
    yield { finding: { kind: 'alarm', problem: `by the log alarm ${alarm} is on, and in the database it is not` } };
  }
  for (const alarm of ofDatabase) {
    if (ofLog.has(alarm)) continue;
    yield { finding: { kind: 'alarm', problem: `alarm ${alarm} is on in the database, and by the log it is not` } };
  }
}

function* auditAccess(ofLog: AccessState, ofDatabase: AccessState): Iterable<AuditStep> {
  if (ofLog.enabled !== ofDatabase.enabled) {
    const [log, database] = [ofLog, ofDatabase].map(({ enabled }) => (enabled ? 'on' : 'off'));
    const problem = `authentication is ${log} by the log, and ${database} in the database`;
    yield { finding: { kind: 'access', problem } };
  }
  yield* auditNames('user', ofLog.users, ofDatabase.users, (roles) => [...roles].sort().join());
  yield* auditNames('role', ofLog.roles, ofDatabase.roles, (permissions) =>
    permissions
      .map(({ access, key, end }) => JSON.stringify([access, key, end]))
      .sort()
      .join(),
  );
}

function* auditNames<T>(
  what: string,
  ofLog: ReadonlyMap<string, T>,
  ofDatabase: ReadonlyMap<string, T>,
  toText: (value: T) => string,
): Iterable<AuditStep> {
  for (const name of new Set([...ofLog.keys(), ...ofDatabase.keys()])) {
    const [one, other] = [ofLog.get(name), ofDatabase.get(name)];
    let problem: string | undefined;
    if (one === undefined) problem = `${what} ${name} is in the database, and by the log there is none`;
    else if (other === undefined) problem = `${what} ${name} is there by the log, and the database lacks it`;
    else if (toText(one) !== toText(other))
      problem = `${what} ${name} may do something else by the log than in the database`;
    if (problem !== undefined) yield { finding: { kind: 'access', problem } };
  }
}
