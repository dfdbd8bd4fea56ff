// Reads the state that a log is applied to: what an etcd file holds beside its records.

import { MvccwError } from '../../errors.js';
import { decodePermission } from '../../wal/decode-request.js';
import { ALARMS, type Permission } from '../../wal/request.js';
import { RequestCursor } from '../../wal/request-cursor.js';
import type { Entry, ReadBackend } from '../backend.js';
import { decodeLease } from '../lease-record.js';
import { MemoryTable } from '../memory-table.js';
import { allRecords } from '../record.js';
import { readU64 } from '../revision.js';
import type { AccessState } from './access-control.js';
import type { RaisedAlarm } from './alarms.js';
import type { AppliedLeases } from './applied-leases.js';
import type { LiveKeys } from './live-keys.js';

/** An etcd file, as the state that a log goes on from. */
export interface ApplyBase {
  readonly tables: Pick<ReadBackend['tables'], 'key' | 'meta' | 'lease'>;
  sizeBytes(): number;
  /** Returns the entries of any bucket; none if there is no such bucket. */
  entriesOf(bucket: string): Iterable<Entry>;
}

/** Returns tables as a backend that has nothing else. The index of a file would be built if it were only asked for. */
export function asBackend({ key, meta, lease }: ApplyBase['tables']): ReadBackend {
  return {
    tables: { key, meta, lease, index: new MemoryTable(), watch: new MemoryTable() },
    sizeBytes: () => 0,
    close: () => undefined,
  };
}

const CONSISTENT_INDEX = Buffer.from('consistent_index');
const TERM = Buffer.from('term');
/** Servers of these releases do not keep the term. */
const WITHOUT_TERM = /^3\.[0-4]\./;

/** Returns the index of the last entry that a file has. Throws FORMAT if it does not say. */
export function consistentIndexOf(base: ApplyBase): number {
  const bytes = base.tables.meta.get(CONSISTENT_INDEX);
  const index = bytes?.length === 8 ? readU64(bytes, 0) : 0;
  if (index > 0 && Number.isSafeInteger(index)) return index;
  throw new MvccwError('FORMAT', 'the database does not say up to which entry of the log it goes', {
    hint: 'its bucket meta has no consistent_index that could be one; another snapshot may have it',
  });
}

/**
 * Returns the term of the last entry that a file has; undefined if it does not say. Where the servers are of 3.4, it is
 * what a later one has left.
 */
export function lastTermOf(base: ApplyBase): number | undefined {
  const bytes = base.tables.meta.get(TERM);
  const term = bytes?.length === 8 ? readU64(bytes, 0) : 0;
  return term === 0 || WITHOUT_TERM.test(clusterVersionOf(base) ?? '') ? undefined : term;
}

/** Reads the keys and the leases. */
export function restoreKeys(base: ApplyBase, live: LiveKeys, leases: AppliedLeases): void {
  for (const { key, value } of base.tables.lease.entries()) if (key.length === 8) leases.restore(decodeLease(value));
  for (const record of allRecords(base.tables.key)) {
    if (record.isEmpty) continue;
    const number = live.add(record.key);
    if (record.tombstone) live.delete(number);
    else {
      const { main, sub, createRevision, version } = record;
      live.put(number, main, sub, leases.numberOf(record.lease), createRevision, version);
    }
  }
  for (const number of live.all()) leases.attach(live.lease(number), number);
}

export function readAlarms(base: ApplyBase): RaisedAlarm[] {
  const alarms: RaisedAlarm[] = [];
  for (const { key } of base.entriesOf('alarm')) {
    let [memberId, alarm] = [0n, 0];
    for (const fields = new RequestCursor(key); fields.next(); ) {
      if (fields.number === 1) memberId = fields.uint64();
      else if (fields.number === 2) alarm = fields.integer();
    }
    alarms.push({ memberId, alarm: ALARMS[alarm] ?? 'none' });
  }
  return alarms;
}

export function readAccess(base: ApplyBase): AccessState {
  const users = new Map<string, readonly string[]>();
  const roles = new Map<string, readonly Permission[]>();
  let enabled = false;
  let revision = 0;
  for (const { key, value } of base.entriesOf('auth')) {
    const name = key.toString('latin1');
    if (name === 'authEnabled') enabled = value[0] === 1;
    else if (name === 'authRevision' && value.length === 8) revision = readU64(value, 0);
  }
  for (const { key, value } of base.entriesOf('authUsers')) users.set(key.toString(), rolesOf(value));
  for (const { key, value } of base.entriesOf('authRoles')) roles.set(key.toString(), permissionsOf(value));
  return { enabled, revision, users, roles };
}

/** Returns the roles of an authpb.User. */
function rolesOf(user: Buffer): string[] {
  const roles: string[] = [];
  for (const fields = new RequestCursor(user); fields.next(); ) if (fields.number === 3) roles.push(fields.utf8());
  return roles;
}

/** Returns the permissions of an authpb.Role. */
function permissionsOf(role: Buffer): Permission[] {
  const permissions: Permission[] = [];
  for (const fields = new RequestCursor(role); fields.next(); ) {
    if (fields.number === 2) permissions.push(decodePermission(fields));
  }
  return permissions;
}

/** Returns the release that a file names, X.Y.Z; undefined if it names none. */
export function clusterVersionOf(base: ApplyBase): string | undefined {
  for (const { key, value } of base.entriesOf('cluster')) {
    if (key.toString('latin1') === 'clusterVersion') return value.toString('latin1');
  }
  return undefined;
}
