// Tells of a log as a whole, as the last line of JSON.

import type { RaftLog } from '../../wal/raft-log.js';
import { inspectionLine } from '../formats/inspection-line.js';

/** The log that is printed. */
export interface PrintedLog {
  readonly directory: string;
  readonly raft: RaftLog;
}

export function logJson({ directory, raft }: PrintedLog): string {
  const { metadata, hardState, segments, jumps, overwritten, damage, tornTail } = raft;
  return inspectionLine('log', {
    directory,
    clusterId: metadata?.clusterId.toString(16),
    member: metadata?.nodeId.toString(16),
    entries: raft.entryCount,
    firstIndex: raft.firstIndex,
    lastIndex: raft.lastIndex,
    term: hardState?.term,
    commit: hardState?.commit,
    segments: segments.map(({ name, sizeBytes, usedBytes }) => ({ name, size: sizeBytes, used: usedBytes })),
    jumps: jumps.map(({ from, to }) => ({ from, to })),
    overwritten: overwritten.map(({ from, to, fromTerm, toTerm, byTerm, position }) => ({
      from,
      to,
      fromTerm,
      toTerm,
      byTerm,
      ...raft.placeOf(position),
    })),
    tornTail,
    damage,
  });
}
