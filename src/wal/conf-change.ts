// Changes of the members of a cluster, which are entries of the log of their own types (raftpb.ConfChange and, from
// raft's ConfChangeV2, several at once). etcd adds the member as JSON.

import { MvccwError } from '../errors.js';
import { BYTES, MessageReader, VARINT } from './message.js';
import { CONF_CHANGE } from './raft-log.js';

const ACTIONS = ['add', 'remove', 'update', 'addLearner'] as const;
type MemberAction = (typeof ACTIONS)[number] | 'unknown';

export interface MemberChange {
  readonly action: MemberAction;
  readonly nodeId: bigint;
}

export interface ConfChange {
  readonly kind: 'confChange';
  /** From the generator of the ids of requests; 0 if etcd made the entry itself, for the first members. */
  readonly id: bigint;
  readonly changes: readonly MemberChange[];
  /** The name of the member that is added or updated; '' if it is not known yet. */
  readonly name: string;
}

/** Decodes the data of an entry of one of these types. Throws CORRUPT. */
export function decodeConfChange(type: number, data: Buffer): ConfChange {
  return type === CONF_CHANGE ? decodeOne(data) : decodeSeveral(data);
}

function decodeOne(data: Buffer): ConfChange {
  const reader = new MessageReader('the change of members', [VARINT, VARINT, VARINT, BYTES]);
  let [id, action, nodeId, context] = [0n, 0, 0n, data.subarray(0, 0)];
  reader.open(data, 0, data.length);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) id = reader.uint64();
    else if (field === 2) action = reader.number();
    else if (field === 3) nodeId = reader.uint64();
    else {
      reader.block();
      context = data.subarray(reader.start, reader.end);
    }
  }
  return { kind: 'confChange', id, changes: [{ action: ACTIONS[action] ?? 'unknown', nodeId }], name: nameIn(context) };
}

function decodeSeveral(data: Buffer): ConfChange {
  const reader = new MessageReader('the change of members', [VARINT, BYTES, BYTES]);
  const changes: MemberChange[] = [];
  reader.open(data, 0, data.length);
  // The changes repeat their field.
  for (let field = reader.nextRepeated(); field !== 0; field = reader.nextRepeated()) {
    if (field === 1) reader.number();
    else {
      reader.block();
      if (field === 2) changes.push(decodeChange(data, reader.start, reader.end));
    }
  }
  return { kind: 'confChange', id: 0n, changes, name: '' };
}

function decodeChange(data: Buffer, start: number, end: number): MemberChange {
  const reader = new MessageReader('the change of a member', [VARINT, VARINT]);
  let [action, nodeId] = [0, 0n];
  reader.open(data, start, end);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) action = reader.number();
    else nodeId = reader.uint64();
  }
  return { action: ACTIONS[action] ?? 'unknown', nodeId };
}

function nameIn(context: Buffer): string {
  if (context.length === 0) return '';
  try {
    const member: unknown = JSON.parse(context.toString());
    const name = (member as { readonly name?: unknown } | null)?.name;
    return typeof name === 'string' ? name : '';
  } catch (cause) {
    throw new MvccwError('CORRUPT', 'the change of members has a member that is no JSON', { cause });
  }
}
