// Tells as JSON what an entry of a log asks for. Values are not told, but their sizes; passwords are not even read.

import type { EntryContent } from '../../inspect/wal/log-listing.js';
import type { Compare, KeySpan, Operation } from '../../wal/request.js';
import { BYTES, COUNT, TEXT } from '../formats/inspection-line.js';

/** Returns the fields of what an entry asks for. Buffers become base64; fields that are undefined are left out. */
export function requestJson(content: EntryContent): object {
  switch (content.kind) {
    case 'put':
    case 'range':
    case 'deleteRange':
    case 'txn':
      return operationJson(content);
    case 'compaction':
      return { revision: content.revision, physical: flag(content.physical) };
    case 'leaseGrant':
      return { lease: content.id, ttl: content.ttlSeconds };
    case 'leaseRevoke':
      return { lease: content.id };
    case 'leaseCheckpoint':
      return { checkpoints: content.checkpoints.map(({ id, remainingTtlSeconds: ttl }) => ({ lease: id, ttl })) };
    case 'alarm':
      return { action: content.action, alarm: content.alarm, member: memberId(content.memberId) };
    case 'confChange':
      return {
        members: content.changes.map(({ action, nodeId }) => ({ action, member: memberId(nodeId) })),
        name: content.name || undefined,
      };
    case 'v2':
      return { method: content.method, path: content.path };
    case 'unknown':
      return { field: content.field };
    case 'unreadable':
      return { problem: content.problem };
    default:
      return namesJson(content);
  }
}

/** The fields of a request about users, roles or the cluster. */
interface Names extends Partial<KeySpan> {
  readonly kind: EntryContent['kind'];
  readonly user?: string;
  readonly role?: string;
  readonly permission?: (KeySpan & { readonly access: string }) | undefined;
  readonly memberId?: bigint;
  readonly name?: string;
  readonly version?: string;
}

function namesJson({ user, role, permission, memberId: id, name, version, key, end }: Names): object {
  const span = permission ?? (key === undefined ? undefined : { key, end });
  return {
    user,
    role,
    access: permission?.access,
    ...(span && spanJson(span)),
    member: id === undefined ? undefined : memberId(id),
    name,
    version,
  };
}

function operationJson(operation: Operation): object {
  switch (operation.kind) {
    case 'put': {
      const { key, valueStart, valueEnd, lease, prevKv, ignoreValue, ignoreLease } = operation;
      return {
        key: bytes(key),
        valueSize: ignoreValue ? undefined : valueEnd - valueStart,
        lease: lease || undefined,
        prevKv: flag(prevKv),
        ignoreValue: flag(ignoreValue),
        ignoreLease: flag(ignoreLease),
      };
    }
    case 'range':
      return { ...spanJson(operation), revision: operation.revision || undefined };
    case 'deleteRange':
      return { ...spanJson(operation), prevKv: flag(operation.prevKv) };
    case 'txn': {
      const named = (branch: readonly Operation[]) =>
        branch.map((inner) => ({ request: inner.kind, ...operationJson(inner) }));
      const { compares, success, failure } = operation;
      return { compares: compares.map(compareJson), success: named(success), failure: named(failure) };
    }
  }
}

function compareJson(compare: Compare): object {
  const { result, target, number, lease, value } = compare;
  const than = target === 'value' ? { valueSize: value.length } : target === 'lease' ? { lease } : { than: number };
  return { target, ...spanJson(compare), result, ...than };
}

/** The end is left out for one key, and empty for all keys from the first on. */
function spanJson({ key, end }: KeySpan): object {
  return { key: bytes(key), end: end === undefined ? undefined : bytes(end) };
}

const bytes = (latin1: string): Buffer => Buffer.from(latin1, 'latin1');
const flag = (set: boolean): true | undefined => set || undefined;
const memberId = (id: bigint): string => id.toString(16);

const LEASE = { type: 'integer' };
const END = { ...BYTES, description: 'absent: one key; empty: all keys from the first on' };
const TTL = { type: 'integer', description: 'in seconds' };
const ID = { ...TEXT, description: 'the id of a member, in hexadecimal' };

const arrayOf = (properties: Readonly<Record<string, object>>, required = Object.keys(properties)) => ({
  type: 'array',
  items: { type: 'object', required, properties },
});

const OPERATIONS = arrayOf({ request: { enum: ['put', 'range', 'deleteRange', 'txn'] } });

const COMPARES = arrayOf(
  { target: TEXT, key: BYTES, end: END, result: TEXT, than: COUNT, lease: LEASE, valueSize: COUNT },
  ['target', 'key', 'result'],
);

/** Describes what requestJson returns. */
export const REQUEST_PROPERTIES = {
  key: BYTES,
  end: END,
  valueSize: COUNT,
  lease: LEASE,
  ttl: TTL,
  prevKv: { const: true },
  ignoreValue: { const: true },
  ignoreLease: { const: true },
  compares: COMPARES,
  success: {
    ...OPERATIONS,
    description: 'what is done if all compares hold, each as an entry of its own would have it',
  },
  failure: { ...OPERATIONS, description: 'what is done otherwise' },
  physical: { const: true },
  checkpoints: arrayOf({ lease: LEASE, ttl: TTL }),
  action: TEXT,
  alarm: TEXT,
  member: ID,
  members: arrayOf({ action: TEXT, member: ID }),
  user: TEXT,
  revision: { ...COUNT, description: 'of a get; or up to which a compaction goes' },
  name: TEXT,
  role: TEXT,
  access: TEXT,
  version: TEXT,
  method: TEXT,
  path: TEXT,
  field: COUNT,
  problem: TEXT,
};
