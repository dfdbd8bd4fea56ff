// What the log proves of entries of which only the member that was asked knows the effect: that they have the effect that
// they had when they were new. A member that saves a snapshot has brought everything up to there to the disk, so that it
// never applies it again:
//
//   records      entry 200 (own)   snapshot 202   entry 209 (own)      all three by one process: 200 is as it was then
//
// Where others propose entries too, an own one may come into the log behind a restart, and so proves nothing.

import { MvccwError } from '../../errors.js';
import { decodeRequest } from '../../wal/decode-request.js';
import { NORMAL, type RaftLog } from '../../wal/raft-log.js';
import { OwnProcesses } from './own-processes.js';

export class LiveProof {
  private readonly known = new Map<number, boolean>();

  constructor(private readonly log: RaftLog) {}

  /** Returns whether the process that proposed an entry had it on the disk. */
  isLasting(index: number): boolean {
    let isLasting = this.known.get(index);
    if (isLasting === undefined) {
      isLasting = this.find(index);
      this.known.set(index, isLasting);
    }
    return isLasting;
  }

  private find(index: number): boolean {
    const { log } = this;
    const entry = log.entry(index);
    if (entry === undefined) return false;
    const snapshot = log.snapshots.find((saved) => saved.index >= index && saved.position > entry.position);
    if (snapshot === undefined) return false;
    const processes = new OwnProcesses(log.metadata?.nodeId);
    try {
      for (const { type, bytes, start, dataLength, position } of log.entries(index)) {
        if (type !== NORMAL || dataLength === 0) continue;
        const request = decodeRequest(bytes, start, start + dataLength);
        processes.see(request);
        if (processes.number > 0 || !processes.isOwn(request.header)) return false;
        if (position > snapshot.position) return true;
      }
    } catch (error) {
      if (!(error instanceof MvccwError) || error.code === 'IO') throw error;
    }
    return false;
  }
}
