// This module encodes the requests that etcd's log holds (InternalRaftRequest), for logs that tests write.
//
// Keys are latin-1 strings. A range has no `end` for one key, '' for all from the key on.

import { type Field, message, sparse } from './wire.js';

export interface KeySpan {
  readonly key: string;
  readonly end?: string;
}

export interface PutWanted {
  readonly kind: 'put';
  readonly key: string;
  readonly value?: string;
  readonly lease?: bigint;
  readonly prevKv?: boolean;
  readonly ignoreValue?: boolean;
  readonly ignoreLease?: boolean;
}

interface DeleteWanted extends KeySpan {
  readonly kind: 'deleteRange';
  readonly prevKv?: boolean;
}

interface RangeWanted extends KeySpan {
  readonly kind: 'range';
  readonly revision?: number;
}

export interface TxnWanted {
  readonly kind: 'txn';
  readonly compare?: readonly Comparison[];
  readonly success?: readonly Operation[];
  readonly failure?: readonly Operation[];
}

export type Operation = PutWanted | DeleteWanted | RangeWanted | TxnWanted;

export interface Comparison extends KeySpan {
  readonly result: '=' | '>' | '<' | '!=';
  readonly target: 'version' | 'create' | 'mod' | 'value' | 'lease';
  /** The value is a string, all else a number. */
  readonly than: string | bigint;
}

export const PERMISSIONS = ['read', 'write', 'readwrite'] as const;

export type WantedRequest =
  | Operation
  | { readonly kind: 'compaction'; readonly revision: number; readonly physical?: boolean }
  | { readonly kind: 'leaseGrant'; readonly id: bigint; readonly ttl: number }
  | { readonly kind: 'leaseRevoke'; readonly id: bigint }
  | { readonly kind: 'leaseCheckpoint'; readonly checkpoints: readonly { readonly id: bigint; readonly ttl: number }[] }
  | {
      readonly kind: 'alarm';
      readonly action: 'get' | 'activate' | 'deactivate';
      readonly member: bigint;
      readonly alarm: 'none' | 'nospace' | 'corrupt';
    }
  | { readonly kind: 'authEnable' }
  | { readonly kind: 'authDisable' }
  | { readonly kind: 'authenticate'; readonly user: string; readonly token: string }
  | { readonly kind: 'userAdd'; readonly user: string; readonly hash?: string }
  | { readonly kind: 'userDelete'; readonly user: string }
  | { readonly kind: 'userChangePassword'; readonly user: string }
  | { readonly kind: 'userGrantRole'; readonly user: string; readonly role: string }
  | { readonly kind: 'userRevokeRole'; readonly user: string; readonly role: string }
  | { readonly kind: 'roleAdd'; readonly role: string }
  | { readonly kind: 'roleDelete'; readonly role: string }
  | ({
      readonly kind: 'roleGrantPermission';
      readonly role: string;
      readonly permission: (typeof PERMISSIONS)[number];
    } & KeySpan)
  | ({ readonly kind: 'roleRevokePermission'; readonly role: string } & KeySpan)
  | { readonly kind: 'clusterVersionSet'; readonly version: string };

export interface WantedHeader {
  readonly id?: bigint;
  readonly user?: string;
  readonly authRevision?: number;
}

/** A hashed password in base64. Nobody logs in with it. */
const HASHED_PASSWORD = 'JDJhJDEwJEJKZ2tqbVRzM3l4b0p4M2l2NlpvQnUyNjNsTDNsdXlHNVBQbGpkNmxnbGZqUm5kM3h4eGh5';

const rangeEnd = ({ end }: KeySpan): string | undefined => (end === '' ? '\0' : end);

function put({ key, value, lease, prevKv, ignoreValue, ignoreLease }: PutWanted): Buffer {
  return sparse([1, key], [2, value], [3, lease], [4, prevKv], [5, ignoreValue], [6, ignoreLease]);
}

function deleteRange(request: DeleteWanted): Buffer {
  return sparse([1, request.key], [2, rangeEnd(request)], [3, request.prevKv]);
}

function range(request: RangeWanted): Buffer {
  return sparse([1, request.key], [2, rangeEnd(request)], [4, request.revision]);
}

const RESULTS = ['=', '>', '<', '!='] as const;
const TARGETS = ['version', 'create', 'mod', 'value', 'lease'] as const;

function comparison({ result, target, key, than, ...span }: Comparison): Buffer {
  const place = TARGETS.indexOf(target);
  return Buffer.concat([
    sparse([1, RESULTS.indexOf(result)], [2, place], [3, key]),
    message([place === 4 ? 8 : 4 + place, than]),
    sparse([64, rangeEnd({ key, ...span })]),
  ]);
}

function operation(wanted: Operation): Buffer {
  switch (wanted.kind) {
    case 'range':
      return message([1, range(wanted)]);
    case 'put':
      return message([2, put(wanted)]);
    case 'deleteRange':
      return message([3, deleteRange(wanted)]);
    default:
      return message([4, txn(wanted)]);
  }
}

function txn({ compare = [], success = [], failure = [] }: TxnWanted): Buffer {
  return message(
    ...compare.map((one): Field => [1, comparison(one)]),
    ...success.map((one): Field => [2, operation(one)]),
    ...failure.map((one): Field => [3, operation(one)]),
  );
}

/** Returns the number of the field of a request, and its message. */
function requestField(wanted: WantedRequest): Field {
  switch (wanted.kind) {
    case 'range':
      return [3, range(wanted)];
    case 'put':
      return [4, put(wanted)];
    case 'deleteRange':
      return [5, deleteRange(wanted)];
    case 'txn':
      return [6, txn(wanted)];
    case 'compaction':
      return [7, sparse([1, wanted.revision], [2, wanted.physical])];
    case 'leaseGrant':
      return [8, sparse([1, wanted.ttl], [2, wanted.id])];
    case 'leaseRevoke':
      return [9, sparse([1, wanted.id])];
    case 'alarm': {
      const action = ['get', 'activate', 'deactivate'].indexOf(wanted.action);
      return [10, sparse([1, action], [2, wanted.member], [3, ['none', 'nospace', 'corrupt'].indexOf(wanted.alarm)])];
    }
    case 'leaseCheckpoint':
      return [11, message(...wanted.checkpoints.map(({ id, ttl }): Field => [1, sparse([1, id], [2, ttl])]))];
    case 'clusterVersionSet':
      return [1300, sparse([1, wanted.version])];
    default:
      return authField(wanted);
  }
}

type AuthRequest = Extract<WantedRequest, { readonly kind: `auth${string}` | `user${string}` | `role${string}` }>;

function authField(wanted: AuthRequest): Field {
  switch (wanted.kind) {
    case 'authEnable':
      return [1000, ''];
    case 'authDisable':
      return [1011, ''];
    case 'authenticate':
      return [1012, sparse([1, wanted.user], [3, wanted.token])];
    case 'userAdd':
      return [1100, message([1, wanted.user], [3, ''], [4, wanted.hash ?? HASHED_PASSWORD])];
    case 'userDelete':
      return [1101, sparse([1, wanted.user])];
    case 'userChangePassword':
      return [1103, sparse([1, wanted.user], [3, HASHED_PASSWORD])];
    case 'userGrantRole':
      return [1104, sparse([1, wanted.user], [2, wanted.role])];
    case 'userRevokeRole':
      return [1105, sparse([1, wanted.user], [2, wanted.role])];
    case 'roleAdd':
      return [1200, sparse([1, wanted.role])];
    case 'roleDelete':
      return [1201, sparse([1, wanted.role])];
    case 'roleGrantPermission': {
      const permission = sparse([1, PERMISSIONS.indexOf(wanted.permission)], [2, wanted.key], [3, rangeEnd(wanted)]);
      return [1203, sparse([1, wanted.role], [2, permission])];
    }
    default:
      return [1204, sparse([1, wanted.role], [2, wanted.key], [3, rangeEnd(wanted)])];
  }
}

/** Encodes a request with its header, as the data of an entry. */
export function encodeLogRequest(wanted: WantedRequest, { id = 0n, user, authRevision }: WantedHeader = {}): Buffer {
  const header: Field = [100, sparse([1, id], [2, user], [3, authRevision])];
  const request = requestField(wanted);
  return request[0] < header[0] ? message(request, header) : message(header, request);
}

/** Encodes a request of etcd's second API, as servers up to 3.5 write them at each start. */
export function encodeV2Request(id: bigint, path: string, value: string): Buffer {
  const NONE = [0, 0, 0, 0, 0, 0, 0, 0].map((zero, place): Field => [place + 9, zero]);
  return message([1, id], [2, 'PUT'], [3, path], [4, value], [5, 0], [6, ''], [7, 0], ...NONE);
}
