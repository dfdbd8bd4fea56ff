// Decodes a request of etcd's log. The fields of InternalRaftRequest are the kinds; a request has one of them, and a
// header. Up to 3.5 the log has requests of the old API beside them, which are another message: etcd tells them by the
// wire types of their fields, and so does this.

import { MvccwError } from '../errors.js';
import { decodeDelete, decodePut, decodeRange, decodeTxn } from './decode-operation.js';
import {
  ACCESSES,
  ALARM_ACTIONS,
  ALARMS,
  NO_HEADER,
  type Permission,
  type RaftRequest,
  RequestHeader,
  type V2Request,
} from './request.js';
import { RequestCursor } from './request-cursor.js';

const ID_FIELD = 1;
const HEADER_FIELD = 100;

type Decode = (field: RequestCursor, header: RequestHeader, bytes: Buffer) => RaftRequest;

/** The kinds by the field that they are in. */
const KINDS = new Map<number, Decode>([
  [2, (v2, header) => ({ ...decodeV2(v2), header })],
  [3, decodeRange],
  [4, (put, header, bytes) => decodePut(put, bytes, header)],
  [5, decodeDelete],
  [6, (txn, header, bytes) => decodeTxn(txn, bytes, header)],
  [7, decodeCompaction],
  [8, decodeLeaseGrant],
  [9, decodeLeaseRevoke],
  [10, decodeAlarm],
  [11, decodeLeaseCheckpoint],
  [1000, (_, header) => ({ kind: 'authEnable', header })],
  [1011, (_, header) => ({ kind: 'authDisable', header })],
  [1012, named((user, header) => ({ kind: 'authenticate', user, header }))],
  [1013, (_, header) => ({ kind: 'authStatus', header })],
  [1100, named((user, header) => ({ kind: 'authUserAdd', user, header }))],
  [1101, named((user, header) => ({ kind: 'authUserDelete', user, header }))],
  [1102, named((user, header) => ({ kind: 'authUserGet', user, header }))],
  [1103, named((user, header) => ({ kind: 'authUserChangePassword', user, header }))],
  [1104, named((user, header, role) => ({ kind: 'authUserGrantRole', user, role, header }))],
  [1105, named((user, header, role) => ({ kind: 'authUserRevokeRole', user, role, header }))],
  [1106, (_, header) => ({ kind: 'authUserList', header })],
  [1107, (_, header) => ({ kind: 'authRoleList', header })],
  [1200, named((role, header) => ({ kind: 'authRoleAdd', role, header }))],
  [1201, named((role, header) => ({ kind: 'authRoleDelete', role, header }))],
  [1202, named((role, header) => ({ kind: 'authRoleGet', role, header }))],
  [1203, decodeGrantPermission],
  [1204, decodeRevokePermission],
  [1300, named((version, header) => ({ kind: 'clusterVersionSet', version, header }))],
  [1301, decodeMemberAttributes],
  [1302, decodeDowngrade],
  [9900, named((version, header) => ({ kind: 'downgradeVersionTest', version, header }))],
]);

/** Every request goes through this one. */
const FIELDS = new RequestCursor(Buffer.alloc(0));

/** The decoders of the kinds with low numbers, which nearly all requests are of, by these. */
const LOW_KINDS = Array.from({ length: 12 }, (_, field) => KINDS.get(field));

function decoderOf(field: number): Decode | undefined {
  return field < LOW_KINDS.length ? LOW_KINDS[field] : KINDS.get(field);
}

/** Decodes the data of an entry of the log, which lies in the bytes from `start` on and is not empty. Throws CORRUPT. */
export function decodeRequest(bytes: Buffer, start = 0, end = bytes.length): RaftRequest {
  try {
    return decodeInternal(bytes, start, end);
  } catch (error) {
    const v2 = readV2(bytes.subarray(start, end));
    if (v2 === undefined) throw error;
    return v2;
  }
}

function decodeInternal(bytes: Buffer, dataStart: number, dataEnd: number): RaftRequest {
  FIELDS.open(bytes, dataStart, dataEnd);
  let header = NO_HEADER;
  let [idHigh, idLow] = [0, 0];
  let [field, start, end] = [0, 0, 0];
  let decode: Decode | undefined;
  while (FIELDS.next()) {
    const { number } = FIELDS;
    if (number === HEADER_FIELD) {
      const outer = FIELDS.enter();
      header = decodeHeader(FIELDS);
      FIELDS.leave(outer);
    } else if (number === ID_FIELD) {
      FIELDS.halves();
      [idHigh, idLow] = [FIELDS.high, FIELDS.low];
    } else {
      const known = decoderOf(number);
      if (known === undefined && field > 0) continue;
      // The content is read when the header behind it is known.
      if (known !== undefined) FIELDS.block();
      field = number;
      decode = known;
      start = FIELDS.start;
      end = FIELDS.end;
    }
  }
  // Requests of releases before 3.0 have their id here.
  if (header === NO_HEADER) header = new RequestHeader(idHigh, idLow, '', 0);
  if (field === 0) throw new MvccwError('CORRUPT', 'the request asks for nothing');
  if (decode === undefined) return { kind: 'unknown', field, header };
  FIELDS.within(start, end);
  return decode(FIELDS, header, bytes);
}

function decodeHeader(fields: RequestCursor): RequestHeader {
  let user = '';
  let authRevision = 0;
  let [idHigh, idLow] = [0, 0];
  while (fields.next()) {
    if (fields.number === 1) {
      fields.halves();
      [idHigh, idLow] = [fields.high, fields.low];
    } else if (fields.number === 2) user = fields.utf8();
    else if (fields.number === 3) authRevision = fields.integer();
  }
  return new RequestHeader(idHigh, idLow, user, authRevision);
}

/** Decodes a request whose first two fields are names. */
function named(make: (first: string, header: RequestHeader, second: string) => RaftRequest): Decode {
  return (fields, header) => {
    let [first, second] = ['', ''];
    while (fields.next()) {
      if (fields.number === 1) first = fields.utf8();
      // The second field of others may be a password.
      else if (fields.number === 2 && make.length > 2) second = fields.utf8();
    }
    return make(first, header, second);
  };
}

function decodeCompaction(fields: RequestCursor, header: RequestHeader): RaftRequest {
  let revision = 0;
  let physical = false;
  while (fields.next()) {
    if (fields.number === 1) revision = fields.integer();
    else if (fields.number === 2) physical = fields.boolean();
  }
  return { kind: 'compaction', revision, physical, header };
}

function decodeLeaseGrant(fields: RequestCursor, header: RequestHeader): RaftRequest {
  let ttlSeconds = 0;
  let id = 0n;
  while (fields.next()) {
    if (fields.number === 1) ttlSeconds = fields.integer();
    else if (fields.number === 2) id = fields.int64();
  }
  return { kind: 'leaseGrant', id, ttlSeconds, header };
}

function decodeLeaseRevoke(fields: RequestCursor, header: RequestHeader): RaftRequest {
  let id = 0n;
  while (fields.next()) if (fields.number === 1) id = fields.int64();
  return { kind: 'leaseRevoke', id, header };
}

function decodeLeaseCheckpoint(fields: RequestCursor, header: RequestHeader): RaftRequest {
  const checkpoints: { id: bigint; remainingTtlSeconds: number }[] = [];
  while (fields.next()) {
    if (fields.number !== 1) continue;
    const checkpoint = { id: 0n, remainingTtlSeconds: 0 };
    const outer = fields.enter();
    while (fields.next()) {
      if (fields.number === 1) checkpoint.id = fields.int64();
      else if (fields.number === 2) checkpoint.remainingTtlSeconds = fields.integer();
    }
    fields.leave(outer);
    checkpoints.push(checkpoint);
  }
  return { kind: 'leaseCheckpoint', checkpoints, header };
}

function decodeAlarm(fields: RequestCursor, header: RequestHeader): RaftRequest {
  let [action, alarm] = [0, 0];
  let memberId = 0n;
  while (fields.next()) {
    if (fields.number === 1) action = fields.integer();
    else if (fields.number === 2) memberId = fields.uint64();
    else if (fields.number === 3) alarm = fields.integer();
  }
  return {
    kind: 'alarm',
    action: ALARM_ACTIONS[action] ?? 'unknown',
    alarm: ALARMS[alarm] ?? 'unknown',
    memberId,
    header,
  };
}

function decodeGrantPermission(fields: RequestCursor, header: RequestHeader): RaftRequest {
  let role = '';
  let permission: Permission | undefined;
  while (fields.next()) {
    if (fields.number === 1) role = fields.utf8();
    else if (fields.number === 2) permission = decodePermission(fields);
  }
  return { kind: 'authRoleGrantPermission', role, permission, header };
}

/** Decodes the authpb.Permission in a field; roles in the database have them too. */
export function decodePermission(fields: RequestCursor): Permission {
  const outer = fields.enter();
  let access = 0;
  let key = '';
  let end: string | undefined;
  while (fields.next()) {
    if (fields.number === 1) access = fields.integer();
    else if (fields.number === 2) key = fields.latin1();
    else if (fields.number === 3) end = fields.rangeEnd();
  }
  fields.leave(outer);
  return { access: ACCESSES[access] ?? 'unknown', key, end };
}

function decodeRevokePermission(fields: RequestCursor, header: RequestHeader): RaftRequest {
  let [role, key] = ['', ''];
  let end: string | undefined;
  while (fields.next()) {
    if (fields.number === 1) role = fields.utf8();
    else if (fields.number === 2) key = fields.latin1();
    else if (fields.number === 3) end = fields.rangeEnd();
  }
  return { kind: 'authRoleRevokePermission', role, key, end, header };
}

function decodeMemberAttributes(fields: RequestCursor, header: RequestHeader): RaftRequest {
  let memberId = 0n;
  let name = '';
  while (fields.next()) {
    if (fields.number === 1) memberId = fields.uint64();
    else if (fields.number === 2) name = decodeName(fields);
  }
  return { kind: 'clusterMemberAttrSet', memberId, name, header };
}

/** Returns the first field of the message in a field. */
function decodeName(fields: RequestCursor): string {
  let name = '';
  const outer = fields.enter();
  while (fields.next()) if (fields.number === 1) name = fields.utf8();
  fields.leave(outer);
  return name;
}

function decodeDowngrade(fields: RequestCursor, header: RequestHeader): RaftRequest {
  let enabled = false;
  let version = '';
  while (fields.next()) {
    if (fields.number === 1) enabled = fields.boolean();
    else if (fields.number === 2) version = fields.utf8();
  }
  return { kind: 'downgradeInfoSet', enabled, version, header };
}

/** Returns the data of an entry as a request of the old API; undefined if it is none. */
function readV2(data: Buffer): RaftRequest | undefined {
  try {
    const fields = new RequestCursor(data);
    const request = decodeV2(fields);
    const header = new RequestHeader(fields.high, fields.low, '', 0);
    return request.method === '' && request.path === '' ? undefined : { ...request, header };
  } catch {
    return undefined;
  }
}

/** The wire types of the fields of the old request that follow the first four: flags and numbers, but for one. */
const PREVIOUS_VALUE_FIELD = 6;
const LAST_FIELD = 17;

function decodeV2(fields: RequestCursor): V2Request {
  const request = { kind: 'v2' as const, method: '', path: '', value: '' };
  while (fields.next()) {
    if (fields.number === 1) fields.halves();
    else if (fields.number === 2) request.method = fields.utf8();
    else if (fields.number === 3) request.path = fields.utf8();
    else if (fields.number === 4) request.value = fields.utf8();
    else if (fields.number === PREVIOUS_VALUE_FIELD) fields.block();
    else if (fields.number <= LAST_FIELD) fields.integer();
  }
  return request;
}
