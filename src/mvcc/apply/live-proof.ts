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

/** What is known of the entries from one index to another. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly isLasting: boolean;
}

export class LiveProof {
  private readonly known: Stretch[] = [];

  constructor(private readonly log: RaftLog) {}

  /** Returns whether the process that proposed an entry had it on the disk. */
  isLasting(index: number): boolean {
    let stretch = this.known.find(({ from, to }) => from <= index && index <= to);
    if (stretch === undefined) {
      stretch = { from: index, ...this.find(index) };
      this.known.push(stretch);
    }
    return stretch.isLasting;
  }

  /** Returns what holds for an entry, and up to which it holds for those behind it. */
  private find(index: number): Omit<Stretch, 'from'> {
    const { log } = this;
    const entry = log.entry(index);
    const snapshot = entry && log.snapshots.find((saved) => saved.index >= index && saved.position > entry.position);
    if (snapshot === undefined) return { to: Number.POSITIVE_INFINITY, isLasting: false };
    const processes = new OwnProcesses(log.metadata?.nodeId);
    let last = index;
    try {
      for (const { index: at, type, bytes, start, dataLength, position } of log.entries(index)) {
        if (type === NORMAL && dataLength > 0) {
          const request = decodeRequest(bytes, start, start + dataLength);
          processes.see(request);
          if (processes.number > 0 || !processes.isOwn(request.header)) break;
          if (position > snapshot.position) return { to: snapshot.index, isLasting: true };
        }
        last = at;
      }
    } catch (error) {
      if (!(error instanceof MvccwError) || error.code === 'IO') throw error;
    }
    return { to: last, isLasting: false };
  }
}
