// The members that a database names, and else the log beside it.

import type { KnownMembers } from '../inspect/blame/proposers.js';
import { readCluster } from '../inspect/cluster.js';
import { membersInLog } from '../inspect/wal/log-members.js';
import type { RaftLog } from '../wal/raft-log.js';
import type { EtcdFile } from './etcd-file.js';

export function knownMembers(file: EtcdFile | undefined, raft: RaftLog | undefined): KnownMembers {
  const known = file && readCluster((bucket) => file.entriesOf(bucket));
  if (known !== undefined && (known.members.length > 0 || raft === undefined)) return known;
  return raft === undefined ? { members: [], removedMembers: [] } : membersInLog(raft);
}
