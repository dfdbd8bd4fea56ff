// The members that a log names: those that were added, removed and updated in it.

import { MvccwError } from '../../errors.js';
import { decodeConfChange } from '../../wal/conf-change.js';
import type { RaftLog } from '../../wal/raft-log.js';
import type { KnownMembers } from '../blame/proposers.js';

/** Returns the members. One that was added while it had not started yet has no name. */
export function membersInLog(raft: RaftLog): KnownMembers {
  const names = new Map<string, string>();
  const removed = new Set<string>();
  for (const { type, data } of raft.memberChanges()) {
    for (const { action, nodeId, name } of changesIn(type, data)) {
      const id = nodeId.toString(16).padStart(16, '0');
      if (action === 'remove') {
        names.delete(id);
        removed.add(id);
      } else names.set(id, name || (names.get(id) ?? ''));
    }
  }
  return { members: [...names].map(([id, name]) => ({ id, name })), removedMembers: [...removed] };
}

/** Returns the changes in an entry; none if it cannot be read, which the listing tells. */
function changesIn(type: number, data: Buffer) {
  try {
    const { changes, name } = decodeConfChange(type, data);
    return changes.map((change) => ({ ...change, name }));
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'CORRUPT') return [];
    throw error;
  }
}
