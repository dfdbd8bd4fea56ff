// Tells in a line what an entry of a log asks for. Values are not told, but their sizes; passwords are not even read.

import type { EntryContent } from '../../inspect/wal/log-listing.js';
import { formatLeaseId } from '../../mvcc/lease-entry.js';
import type { MemberChange } from '../../wal/conf-change.js';
import type { Compare, KeySpan, Operation, V2Request } from '../../wal/request.js';
import { plural } from '../terminal/plural.js';
import { escapeText } from '../terminal/text.js';

/** Writes a key. */
type ShowKey = (key: string) => string;

/** The operations of a branch that are told. */
const MAX_OPERATIONS = 4;

/** Returns what an entry asks for, beside its kind. */
export function requestText(content: EntryContent, show: ShowKey): string {
  switch (content.kind) {
    case 'put':
    case 'range':
    case 'deleteRange':
    case 'txn':
      return operationText(content, show);
    case 'compaction':
      return `to revision ${content.revision}`;
    case 'leaseGrant':
      return `${formatLeaseId(content.id)} for ${content.ttlSeconds} s`;
    case 'leaseRevoke':
      return formatLeaseId(content.id);
    case 'leaseCheckpoint':
      return content.checkpoints
        .map(({ id, remainingTtlSeconds }) => `${formatLeaseId(id)} has ${remainingTtlSeconds} s left`)
        .join(', ');
    case 'alarm':
      return `${content.action} ${content.alarm}${content.memberId === 0n ? '' : ` of ${memberId(content.memberId)}`}`;
    case 'confChange':
      return memberChangesText(content.changes, content.name);
    case 'v2':
      return v2Text(content);
    case 'noOp':
      return 'of a new leader';
    case 'unknown':
      return `field ${content.field} of the request`;
    case 'unreadable':
      return content.problem;
    default:
      return namesText(content, show);
  }
}

/** Returns an old request. Only what members tell of themselves is shown of values: others are of users. */
function v2Text({ method, path, value }: V2Request): string {
  return [method, path, path.startsWith('/0/') ? value : ''].map(escapeText).join(' ').trim();
}

type NamingRequest = Exclude<
  EntryContent,
  {
    readonly kind:
      | Operation['kind']
      | 'compaction'
      | 'leaseGrant'
      | 'leaseRevoke'
      | 'leaseCheckpoint'
      | 'alarm'
      | 'confChange'
      | 'v2'
      | 'noOp'
      | 'unknown'
      | 'unreadable';
  }
>;

/** Tells a request about users, roles or the cluster. */
function namesText(request: NamingRequest, show: ShowKey): string {
  const told: string[] = [];
  if ('user' in request) told.push(`user ${escapeText(request.user)}`);
  if ('role' in request) told.push(`role ${escapeText(request.role)}`);
  if (request.kind === 'authRoleGrantPermission' && request.permission !== undefined) {
    told.push(`${request.permission.access} ${spanText(request.permission, show)}`);
  }
  if (request.kind === 'authRoleRevokePermission') told.push(spanText(request, show));
  if (request.kind === 'clusterMemberAttrSet') {
    told.push(`${memberId(request.memberId)} is named ${escapeText(request.name)}`);
  }
  if ('version' in request) told.push(escapeText(request.version));
  return told.join(', ');
}

/** Returns an operation without its name where that is the kind of the entry. */
function operationText(operation: Operation, show: ShowKey): string {
  if (operation.kind === 'txn') {
    const { compares, success, failure } = operation;
    const condition =
      compares.length === 0 ? '' : `if ${compares.map((one) => compareText(one, show)).join(' and ')}: `;
    const otherwise = failure.length === 0 ? '' : `; else ${branchText(failure, show)}`;
    return `${condition}${branchText(success, show)}${otherwise}`;
  }
  if (operation.kind !== 'put') return spanText(operation, show);
  const { key, lease, valueStart, valueEnd, ignoreValue, ignoreLease } = operation;
  const facts = [
    ignoreValue ? 'same value' : plural(valueEnd - valueStart, 'byte'),
    ...(lease === 0n ? [] : [`lease ${formatLeaseId(lease)}`]),
    ...(ignoreLease ? ['same lease'] : []),
  ];
  return `${show(key)} (${facts.join(', ')})`;
}

function branchText(operations: readonly Operation[], show: ShowKey): string {
  if (operations.length === 0) return 'nothing';
  const told = operations
    .slice(0, MAX_OPERATIONS)
    .map((operation) =>
      operation.kind === 'txn' ? `txn (${operationText(operation, show)})` : named(operation, show),
    );
  const rest = operations.length - told.length;
  return told.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

const OPERATION_WORDS = { put: 'put', range: 'get', deleteRange: 'delete' } as const;

function named(operation: Exclude<Operation, { readonly kind: 'txn' }>, show: ShowKey): string {
  return `${OPERATION_WORDS[operation.kind]} ${operationText(operation, show)}`;
}

function compareText(compare: Compare, show: ShowKey): string {
  const { result, target, number, lease, value } = compare;
  const compared =
    target === 'value' ? plural(value.length, 'byte') : target === 'lease' ? formatLeaseId(lease) : String(number);
  return `${target}(${spanText(compare, show)}) ${result} ${compared}`;
}

function spanText({ key, end }: KeySpan, show: ShowKey): string {
  if (end === undefined) return show(key);
  return `[${show(key)}, ${end === '' ? '∞' : show(end)})`;
}

function memberChangesText(changes: readonly MemberChange[], name: string): string {
  const named = name === '' ? '' : ` (${escapeText(name)})`;
  return changes.map(({ action, nodeId }) => `${action} ${memberId(nodeId)}`).join(', ') + named;
}

const memberId = (id: bigint): string => id.toString(16);
